package revision

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// member is one entry of an archive.
type member struct {
	name, text string
	kind       byte // as in tar
	to         string
}

func tarred(t testing.TB, list []member) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, m := range list {
		h := &tar.Header{Name: m.name, Mode: 0o644, Size: int64(len(m.text)), Typeflag: m.kind, Linkname: m.to}
		if m.kind == 0 {
			h.Typeflag = tar.TypeReg
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(m.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func gzipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zipped(t testing.TB, list []member) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, m := range list {
		h := &zip.FileHeader{Name: m.name, Method: zip.Deflate}
		text := m.text
		if m.kind == tar.TypeSymlink {
			h.SetMode(fs.ModeSymlink | 0o777)
			text = m.to
		}
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func file(t testing.TB, name string, data []byte) string {
	t.Helper()
	at := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(at, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return at
}

// written is one list of entries in every kind of archive.
func written(t testing.TB, list []member) map[string]string {
	return map[string]string{
		"tar":    file(t, "a.tar", tarred(t, list)),
		"tar.gz": file(t, "a.tar.gz", gzipped(t, tarred(t, list))),
		"tgz":    file(t, "a.tgz", gzipped(t, tarred(t, list))),
		"zip":    file(t, "a.zip", zipped(t, list)),
	}
}

func read(name string, limits bounds) (fstest.MapFS, error) {
	if strings.HasSuffix(name, ".zip") {
		return unzip(name, limits)
	}
	return untar(name, limits)
}

// TestArchiveKeepsContracts holds that names which would leave the archive, links,
// and what is no contract are nobody's.
func TestArchiveKeepsContracts(t *testing.T) {
	t.Parallel()
	list := []member{
		{name: "shop/banyan.yaml", text: "version: 1"},
		{name: "./shop/api/openapi.json", text: "{}"},
		{name: "shop/api/../b.yml", text: "b"},
		{name: "shop/go.mod", text: "module x"},
		{name: "shop/main.go", text: "package main"},
		{name: "../outside.yaml", text: "no"},
		{name: "shop/../../outside.yaml", text: "no"},
		{name: "/etc/absolute.yaml", text: "no"},
		{name: "shop/link.yaml", kind: tar.TypeSymlink, to: "/etc/passwd"},
		{name: "shop/empty.yaml"},
	}
	want := []string{"shop/api/openapi.json", "shop/b.yml", "shop/banyan.yaml", "shop/empty.yaml", "shop/go.mod"}
	for kind, name := range written(t, list) {
		files, err := read(name, archiveBounds)
		if err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		if diff := cmp.Diff(want, slices.Sorted(maps.Keys(files))); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", kind, diff)
		}
	}
	files, err := unzip(file(t, "windows.zip", zipped(t, []member{{name: `shop\api\a.yaml`, text: "a"}, {name: `..\a.yaml`, text: "a"}})), archiveBounds)
	if diff := cmp.Diff([]string{"shop/api/a.yaml"}, slices.Sorted(maps.Keys(files))); err != nil || diff != "" {
		t.Errorf("%v, want -, got +:\n%s", err, diff)
	}
}

// TestArchiveWorkspace finds the workspace that is nearest to the root.
func TestArchiveWorkspace(t *testing.T) {
	t.Parallel()
	for kind, name := range written(t, []member{
		{name: "v1/examples/banyan.yaml", text: "example"},
		{name: "v1/banyan.yaml", text: "shop"},
		{name: "v1/api/a.yaml", text: "a"},
	}) {
		r, err := OpenPath(name)
		if err != nil {
			t.Fatal(kind, err)
		}
		for at, want := range map[string]string{"banyan.yaml": "shop", "api/a.yaml": "a"} {
			if data, err := fs.ReadFile(r.FS, at); err != nil || string(data) != want {
				t.Errorf("%s: %s is %q, %v", kind, at, data, err)
			}
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	for kind, name := range written(t, []member{{name: "a.yaml", text: "a"}}) {
		if _, err := OpenPath(name); err == nil || !strings.Contains(err.Error(), "there is no banyan.yaml in") {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

// TestArchiveBounds holds that an archive takes no more memory and no more work
// than is allowed, however small it is itself.
func TestArchiveBounds(t *testing.T) {
	t.Parallel()
	small := bounds{kept: 1 << 10, unpacked: 64 << 10, entries: 10}
	zeros := strings.Repeat("\x00", 1<<20)
	many := []member{}
	for i := range 20 {
		many = append(many, member{name: strings.Repeat("a", i+1) + ".yaml"})
	}
	for _, c := range []struct {
		name, want string
		list       []member
	}{
		{"one large contract", "its contracts unpack to more than 512 MiB", []member{{name: "a.yaml", text: zeros[:1<<11]}}},
		{"several contracts", "its contracts unpack to more than 512 MiB", []member{{name: "a.yaml", text: zeros[:700]}, {name: "b.yaml", text: zeros[:700]}}},
		{"the same one again", "its contracts unpack to more than 512 MiB", []member{{name: "a.yaml", text: zeros[:700]}, {name: "a.yaml", text: zeros[:700]}}},
		{"many contracts", "it has too many contracts", many},
	} {
		for kind, name := range written(t, c.list) {
			if _, err := read(name, small); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s, %s: %v", c.name, kind, err)
			}
		}
	}
	// What is no contract is skipped: a zip need not unpack it, a tar must.
	bomb := written(t, []member{{name: "a.bin", text: zeros}, {name: "a.yaml", text: "a"}})
	for _, kind := range []string{"tar.gz", "tgz"} {
		if _, err := read(bomb[kind], small); err == nil || !strings.Contains(err.Error(), "it unpacks to more than 8 GiB") {
			t.Errorf("%s: %v", kind, err)
		}
	}
	if files, err := read(bomb["zip"], small); err != nil || len(files) != 1 {
		t.Errorf("zip: %d files, %v", len(files), err)
	}
}

// TestArchiveDamaged holds that what is cut off or no archive is an error.
func TestArchiveDamaged(t *testing.T) {
	t.Parallel()
	list := []member{{name: "banyan.yaml", text: strings.Repeat("version: 1\n", 500)}}
	for kind, name := range written(t, list) {
		whole, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for what, data := range map[string][]byte{"empty": {}, "cut off": whole[:len(whole)/3], "something else": []byte(strings.Repeat("no archive ", 200))} {
			if what == "empty" && kind == "tar" {
				continue // an empty file is an empty tar
			}
			if _, err := OpenPath(file(t, "a."+kind, data)); err == nil || !strings.Contains(err.Error(), "cannot read the archive") {
				t.Errorf("%s, %s: %v", what, kind, err)
			}
		}
	}
	for name, want := range map[string]string{"nowhere.zip": "cannot read", "a.yaml": "is a file"} {
		at := filepath.Join(t.TempDir(), name)
		if name == "a.yaml" {
			at = file(t, name, nil)
		}
		if _, err := OpenPath(at); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzArchive holds that no archive makes the reader panic or keep more than it
// may.
func FuzzArchive(f *testing.F) {
	list := []member{{name: "banyan.yaml", text: "version: 1"}, {name: "api/a.json", text: "{}"}}
	f.Add(tarred(f, list))
	f.Add(gzipped(f, tarred(f, list)))
	f.Add(zipped(f, list))
	f.Fuzz(func(t *testing.T, data []byte) {
		limits := bounds{kept: 4 << 10, unpacked: 1 << 20, entries: 20}
		for _, name := range []string{"a.tar", "a.tgz", "a.zip"} {
			files, err := read(file(t, name, data), limits)
			if err != nil {
				continue
			}
			kept := 0
			for at, one := range files {
				kept += len(one.Data)
				if !fs.ValidPath(at) {
					t.Errorf("kept %q", at)
				}
			}
			if kept > int(limits.kept) || len(files) > limits.entries {
				t.Errorf("kept %d bytes in %d files", kept, len(files))
			}
		}
	})
}
