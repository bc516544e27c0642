package legacyproxy_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/banyan-go/banyan/legacyproxy"
)

// quirks are what PHP itself makes of values that its authors meant well.
const quirks = `<?php
$quirk = $_GET['q'];
header('Content-Type: application/json');
switch ($quirk) {
case 'empty-map':   echo json_encode(['id' => 1, 'meta' => [], 'by' => []]); break;
case 'list-map':    echo json_encode(['id' => 1, 'by' => [5, 6]]); break;
case 'holes':       echo json_encode(['id' => 1, 'tags' => array_filter(['a', '', 'b'])]); break;
case 'database':    echo json_encode(['id' => '42', 'price' => '9.90', 'on' => '1', 'off' => 0]); break;
case 'float':       echo json_encode(['id' => 10.0, 'price' => 10.0], JSON_PRESERVE_ZERO_FRACTION); break;
case 'overflow':    echo json_encode(['id' => PHP_INT_MAX + 1]); break;
case 'null':        echo json_encode(['id' => 1, 'name' => null, 'nick' => null]); break;
case 'slashes':     echo json_encode(['id' => 1, 'name' => 'a/b é']); break;
case 'utf8':        echo json_encode(['id' => 1, 'name' => "caf\xe9"]); break;
case 'latin':       header('Content-Type: application/json; charset=ISO-8859-1'); echo "{\"id\":1,\"name\":\"caf\xe9\"}"; break;
case 'bom':         echo "\xef\xbb\xbf", json_encode(['id' => 1]); break;
case 'notice':      ini_set('display_errors', '1'); ini_set('html_errors', '1'); echo $undefined; echo json_encode(['id' => 1]); break;
case 'plain':       ini_set('display_errors', '1'); ini_set('html_errors', '0'); echo $undefined; echo json_encode(['id' => 1]); break;
case 'fatal':       ini_set('display_errors', '1'); http_response_code(200); echo json_encode(['id' => 1]); undefined(); break;
case 'html':        header_remove('Content-Type'); echo json_encode(['id' => 1]); break;
case 'mysql':       echo json_encode(['id' => 1, 'at' => '2026-07-01 12:00:00']); break;
case 'zero':        echo json_encode(['id' => 1, 'at' => '0000-00-00 00:00:00']); break;
case 'iso':         echo json_encode(['id' => 1, 'at' => (new DateTime('2026-07-01 12:00', new DateTimeZone('Europe/Berlin')))->format(DATE_ISO8601)]); break;
case 'c':           echo json_encode(['id' => 1, 'at' => (new DateTime('2026-07-01 12:00', new DateTimeZone('Europe/Berlin')))->format('c')]); break;
case 'object':      echo json_encode(['id' => 1, 'at' => new DateTime('2026-07-01 12:00', new DateTimeZone('Europe/Berlin'))]); break;
case 'offset':      echo json_encode(['id' => 1, 'at' => new DateTime('2026-07-01T12:00:00.5+02:00')]); break;
}
`

const quirksContract = `{"openapi":"3.0.3","info":{"title":"Q","version":"1"},"paths":{"/a":{"get":{"operationId":"op","responses":{
"200":{"description":"ok","content":{"application/json":{"schema":{"type":"object","required":["id"],"properties":{
"id":{"type":"integer"},"price":{"type":"number"},"on":{"type":"boolean"},"off":{"type":"boolean"},"name":{"type":"string"},
"nick":{"type":"string","nullable":true},"meta":{"type":"object"},"by":{"type":"object","additionalProperties":{"type":"integer"}},
"tags":{"type":"array","items":{"type":"string"}},"at":{"type":"string","format":"date-time"}}}}}}}}}}}`

// TestQuirksOfPHP lets PHP write them.
func TestQuirksOfPHP(t *testing.T) {
	t.Parallel()
	php := legacyproxy.StartPHP(t, quirks)
	s := service("GET", "/a")
	s.Contract = []byte(quirksContract)
	const dates = `dates: {layout: "Y-m-d H:i:s", zone: Europe/Berlin}`
	careful := load(t, s, php, "version: 1\ntimeout: 5s\nnormalise: {"+dates+"}\n")
	bold := load(t, s, php, "version: 1\ntimeout: 5s\nnormalise: {"+dates+", strip-warnings: true}\n")
	fronts := map[bool]string{false: serve(t, careful, &s.Operations[0]).URL, true: serve(t, bold, &s.Operations[0]).URL}
	for _, c := range []struct {
		quirk string
		strip bool
		want  string // empty: 502
	}{
		{"empty-map", false, `{"id":1,"meta":{},"by":{}}`},
		{"list-map", false, `{"id":1,"by":{"0":5,"1":6}}`},
		{"holes", false, `{"id":1,"tags":["a","b"]}`},
		{"database", false, `{"id":42,"price":9.90,"on":true,"off":false}`},
		{"float", false, `{"id":10,"price":10.0}`},
		{"overflow", false, `{"id":9.223372036854776e+18}`},
		{"null", false, `{"id":1,"nick":null}`},
		{"slashes", false, `{"id":1,"name":"a\/b \u00e9"}`},
		{"utf8", false, ""},
		{"latin", false, `{"id":1,"name":"café"}`},
		{"bom", false, `{"id":1}`},
		{"notice", false, ""},
		{"notice", true, `{"id":1}`},
		{"plain", false, ""},
		{"plain", true, `{"id":1}`},
		{"fatal", false, ""},
		{"fatal", true, ""},
		{"html", false, `{"id":1}`},
		{"mysql", false, `{"id":1,"at":"2026-07-01T12:00:00+02:00"}`},
		{"zero", false, `{"id":1}`},
		{"iso", false, `{"id":1,"at":"2026-07-01T12:00:00+02:00"}`},
		{"c", false, `{"id":1,"at":"2026-07-01T12:00:00+02:00"}`},
		{"object", false, `{"id":1,"at":"2026-07-01T12:00:00+02:00"}`},
		{"offset", false, `{"id":1,"at":"2026-07-01T12:00:00.5+02:00"}`},
	} {
		res, err := http.Get(fronts[c.strip] + "/a?q=" + c.quirk)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if c.want == "" {
			if res.StatusCode != 502 || !strings.Contains(string(got), "legacy-invalid-answer") || strings.Contains(string(got), "php") {
				t.Errorf("%s, strip %v: %d %s", c.quirk, c.strip, res.StatusCode, got)
			}
			continue
		}
		if diff := cmp.Diff(c.want, string(got)); diff != "" || res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") {
			t.Errorf("%s, strip %v: %d %s (-want +got)\n%s", c.quirk, c.strip, res.StatusCode, res.Header.Get("Content-Type"), diff)
		}
	}
}
