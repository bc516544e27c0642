package format

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestFormats(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 63)
	for name, c := range map[string]struct{ valid, invalid []string }{
		"date":                  {[]string{"2024-02-29", "0000-01-01", "2000-02-29"}, []string{"", "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-01", "2024-01-00", "2024-04-31", "2024-1-1", "2024-01-01 ", "२०२४-01-01"}},
		"date-time":             {[]string{"2026-12-01t09:30:00z", "2016-12-31T23:59:60Z", "2016-12-31T15:59:60.5-08:00", "2017-01-01T05:29:60+05:30"}, []string{"2026-12-01 09:30:00Z", "2026-12-01T09:30Z", "2016-12-31T23:58:60Z", "2026-12-01T09:30:00", "2026-12-01T09:30:00.Z", "2026-12-01T"}},
		"time":                  {[]string{"08:30:06Z", "23:59:60+00:00", "00:59:60+01:00"}, []string{"08:30:06", "24:00:00Z", "08:60:06Z", "22:59:60Z", "8:30:06Z", "08:30:06+24:00", "08:30:06 PST", "08:30:06#"}},
		"duration":              {[]string{"P4DT12H30M5S", "P1Y", "PT36H", "P4W", "P1Y2M3D", "PT0S", "P1M", "PT1M"}, []string{"", "P", "PT", "P1", "1D", "P1D2H", "P2D1Y", "P1WT1H", "P1Y2W", "P1YT", "PT1D", "P1Y3D", "PT1H2S", "p1d", "P१Y"}},
		"email":                 {[]string{"a@b", `"a b"@example.com`, `"a\"b"@example.com`, "a@[127.0.0.1]", "a@[IPv6:::1]", "a+b@example.com"}, []string{"a", "@b", "a@", "a b@c.d", ".a@b.c", "a.@b.c", "a..b@c.d", "a@b@c", "a@-b.c", `"a"b"@c.d`, "a@[300.0.0.1]", "é@example.com", strings.Repeat("a", 65) + "@b.c"}},
		"idn-email":             {[]string{"실례@실례.테스트", "a@b.c"}, []string{"2962", "@실례.테스트"}},
		"hostname":              {[]string{"a", "1a.com", "xn--bcher-kva.example", long + ".com"}, []string{"", "-a", "a-", "a..b", "a.", "a_b", long + "a.com", "xn--X", "xn--example-", strings.Repeat("a.", 127) + "a"}},
		"idn-hostname":          {[]string{"실례.테스트", "bücher.example", "l·l", "α͵β", "א׳ב", "a・あ", "क्\u200dष", "example.com", "a。b"}, []string{"", "〮실례.테스트", "a·l", "aא׳"[:1] + "׳", "・", "-é", "é-", "ab--é", "xn--X", "ـߺ", "\u0903hello", "٠۰", strings.Repeat("é", 64)}},
		"ipv4":                  {[]string{"127.0.0.1"}, []string{"127.0.0", "127.0.0.256", "127.0.0.01", "127.0.0.1.", "1.2.3.4.5"}},
		"ipv6":                  {[]string{"::", "::1", "1::", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7::"}, []string{"", ":", ":1", "1:", "1:::2", "1::2::3", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "12345::", "::1%eth0", "1:2:3:4:5:6:7:1.2.3.4", "1.2.3.4", "::1.2.3"}},
		"uri":                   {[]string{"http://example.com", "urn:a:b", "mailto:a@b", "http://[::1]:80/", "http://[v1.a]/", "a:"}, []string{"", "/a", "a", "http://exa mple.com", "http://é.com", "http://a:b/", "1a:b", "http://[::1", "http://a/%zz", "http://a b"}},
		"uri-reference":         {[]string{"", "/a", "//host/a", "a?b#c", "./a:b", "#x", "?x"}, []string{"a b", "\\a", "1a:b", "#a#b", "a{b}"}},
		"iri":                   {[]string{"http://ƒøø.ßår/?∂éœ=πîx#πîüx", "http://example.com"}, []string{"/é", "http://2001:0db8::1", "é", "http://\ufdd0"}},
		"iri-reference":         {[]string{"/é", "é", "#ƒrägmênt"}, []string{`\\é`, "é é", "#é\\"}},
		"uuid":                  {[]string{"2EB8AA08-aa98-11ea-B4AA-73B441D16380"}, []string{"2eb8aa08-aa98-11ea-b4aa73b441d16380", "2eb8aa08-aa98-11ea-b4aa-73b441d1638", "2eb8aa08-aa98-11ea-b4aa-73b441d1638g", "2eb8-aa08-aa98-11ea-b4aa73b44-1d16380"}},
		"byte":                  {[]string{"", "YQ==", "YWI=", "YWJj", "+/+/"}, []string{"Y", "YQ", "YQ=", "YQ===", "Y===", "=YQ=", "YW-_", "YWJj\n"}},
		"regex":                 {[]string{"", "a|b", `^\d{3}$`, "(?=a)b", `\p{L}`}, []string{"(", "[z-a]", `\a`, "a{2,1}"}},
		"json-pointer":          {[]string{"", "/", "/a~0b~1c/0", "/é"}, []string{"a", "/~", "/~2", "#/a"}},
		"relative-json-pointer": {[]string{"0", "1/a", "2#", "10/0"}, []string{"", "/a", "01", "-1", "0##", "1a"}},
	} {
		f, ok := Lookup(name)
		if !ok {
			t.Errorf("%s is not known", name)
			continue
		}
		for _, s := range c.valid {
			if !f.Check([]byte(s)) {
				t.Errorf("%s refuses %q", name, s)
			}
		}
		for _, s := range c.invalid {
			if f.Check([]byte(s)) {
				t.Errorf("%s accepts %q", name, s)
			}
		}
	}
}

// time.Parse has the same opinion of days and hours, but knows no leap second,
// no lower case, and takes offsets of 24 hours and of 60 minutes.
func TestDateTimeAgreesWithTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[0-2]\d\d\d-[01]\d-[0-3]\dT[0-2]\d:[0-6]\d:[0-5]\d(\.\d{1,3})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)`).Draw(t, "s")
		_, err := time.Parse(time.RFC3339, s)
		if got := dateTime([]byte(s)); got != (err == nil) {
			t.Fatalf("%s: %v, time says %v", s, got, err)
		}
	})
}

func FuzzFormats(f *testing.F) {
	for _, s := range []string{"2024-02-29T23:59:60z", "a@[IPv6:::1]", "xn--bcher-kva", "http://a:1/%20?é#x", "::ffff:1.2.3.4", "P1YT2S", `"a\"@b`, "1#", "l·l.א׳ب"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "")
		for _, format := range formats {
			format.Check([]byte(s))
		}
		if hostname([]byte(s)) && len(s) < 60 && !strings.Contains(s, "--") && !idnHostname([]byte(s)) {
			t.Fatalf("%q is a host name and not an international one", s)
		}
		if uri([]byte(s), false, true) && !uri([]byte(s), true, false) {
			t.Fatalf("%q is a URI and not an IRI reference", s)
		}
		for _, label := range strings.Split(s, ".") {
			if runes := []rune(label); len(label) > 0 && len(label) < 40 {
				encoded := encodePunycode(runes)
				if decoded, ok := decodePunycode(encoded); len(encoded) <= 63 && (!ok || string(decoded) != label) {
					t.Fatalf("%q is encoded to %q, decoded to %q", label, encoded, string(decoded))
				}
			}
		}
	})
}
