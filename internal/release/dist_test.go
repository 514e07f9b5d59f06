package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var committed = time.Date(2026, 11, 22, 12, 30, 58, 0, time.UTC)

// sample is a build of two platforms that has nothing wrong with it. Tests spoil one.
type sample struct {
	archives map[string][]entry  // by platform
	bills    map[string]string   // by platform
	names    map[string]string   // of archives that are called something else
	sums     func(string) string // what becomes of the file of checksums
}

type entry struct {
	name, content string
	mode          os.FileMode
	modified      time.Time
}

func newSample() sample {
	return sample{
		archives: map[string][]entry{
			"linux_amd64": {
				{"LICENSE", "as you like", 0o644, committed},
				{"terraform-provider-wechat_v0.1.0", "for linux", 0o755, committed},
			},
			"windows_arm64": {
				{"LICENSE", "as you like", 0o644, committed},
				{"terraform-provider-wechat_v0.1.0.exe", "for windows", 0o755, committed},
			},
		},
		bills: map[string]string{"linux_amd64": "parts", "windows_arm64": "other parts"},
		names: map[string]string{},
		sums:  func(sums string) string { return sums },
	}
}

// write lays a build out as GoReleaser does.
func (s sample) write(t *testing.T) dist {
	t.Helper()
	tree := t.TempDir()
	if err := os.Mkdir(filepath.Join(tree, "dist"), 0o700); err != nil {
		t.Fatal(err)
	}
	var sums strings.Builder
	write := func(name, released string, content []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(tree, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
		if released != "" {
			sums.WriteString(sum(content) + "  " + released + "\n")
		}
	}
	artifacts := []map[string]string{{"name": "metadata.json", "type": "Metadata"}}
	for _, platform := range slices.Sorted(maps.Keys(s.archives)) {
		goos, goarch, _ := strings.Cut(platform, "_")
		name := "terraform-provider-wechat_0.1.0_" + platform + ".zip"
		if other := s.names[platform]; other != "" {
			name = other
		}
		artifacts = append(artifacts, map[string]string{"name": name, "goos": goos, "goarch": goarch, "type": "Archive"})
		write("dist/"+name, name, zipped(t, s.archives[platform]))
		if bill, ok := s.bills[platform]; ok {
			name := "terraform-provider-wechat_0.1.0_" + platform + ".cdx.json"
			write("dist/"+name, name, []byte(bill))
		}
	}
	write(manifest, "terraform-provider-wechat_0.1.0_manifest.json", []byte("{}"))
	write("dist/terraform-provider-wechat_0.1.0_SHA256SUMS", "", []byte(s.sums(sums.String())))
	write("dist/metadata.json", "", []byte(`{"version": "0.1.0"}`))
	list, err := json.Marshal(artifacts)
	if err != nil {
		t.Fatal(err)
	}
	write("dist/artifacts.json", "", list)

	d, err := readDist(tree, committed)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func zipped(t *testing.T, entries []entry) []byte {
	t.Helper()
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for _, e := range entries {
		header := &zip.FileHeader{Name: e.name, Modified: e.modified}
		header.SetMode(e.mode)
		f, err := w.CreateHeader(header)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(e.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}

// What would keep a registry from taking a release, or somebody from verifying it, is found in one build alone.
func TestReadDist(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		spoil func(s *sample)
		want  string
	}{
		"nothing wrong": {spoil: func(*sample) {}},
		"nothing built": {
			spoil: func(s *sample) { s.archives = nil },
			want:  "there are no archives",
		},
		"an archive's name": {
			spoil: func(s *sample) { s.names["linux_amd64"] = "wechat-linux.zip" },
			want:  "linux_amd64 is called wechat-linux.zip",
		},
		"a binary's name": {
			spoil: func(s *sample) { s.archives["linux_amd64"][1].name = "terraform-provider-wechat" },
			want:  "linux_amd64 has no terraform-provider-wechat_v0.1.0 in its archive",
		},
		"a file too many": {
			spoil: func(s *sample) {
				s.archives["linux_amd64"] = append(s.archives["linux_amd64"], entry{".env", "secret", 0o644, committed})
			},
			want: "linux_amd64 has .env in its archive",
		},
		"no license": {
			spoil: func(s *sample) { s.archives["windows_arm64"] = s.archives["windows_arm64"][1:] },
			want:  "windows_arm64 has no LICENSE in its archive",
		},
		"the time of the build": {
			spoil: func(s *sample) { s.archives["linux_amd64"][1].modified = committed.Add(time.Hour) },
			want:  "linux_amd64: terraform-provider-wechat_v0.1.0 is of 2026-11-22 13:30:58",
		},
		"the builder's time zone": {
			spoil: func(s *sample) {
				s.archives["linux_amd64"][0].modified = committed.In(time.FixedZone("", 8*60*60))
			},
			want: "linux_amd64: LICENSE is of 2026-11-22 20:30:58 +0800",
		},
		"the builder's umask": {
			spoil: func(s *sample) { s.archives["linux_amd64"][1].mode = 0o700 },
			want:  "linux_amd64: terraform-provider-wechat_v0.1.0 has mode -rwx------, not -rwxr-xr-x",
		},
		"no bill of materials": {
			spoil: func(s *sample) { delete(s.bills, "linux_amd64") },
			want:  "linux_amd64 has no bill of materials",
		},
		"a file without a checksum": {
			spoil: func(s *sample) {
				s.sums = func(sums string) string { return strings.Join(strings.SplitAfter(sums, "\n")[1:], "") }
			},
			want: "the checksums do not name terraform-provider-wechat_0.1.0_linux_amd64.zip",
		},
		"the checksum of something else": {
			spoil: func(s *sample) {
				s.sums = func(sums string) string { return strings.Repeat("0", 64) + sums[64:] }
			},
			want: "for terraform-provider-wechat_0.1.0_linux_amd64.zip, which has",
		},
		"the checksum of nothing": {
			spoil: func(s *sample) {
				s.sums = func(sums string) string { return sums + strings.Repeat("0", 64) + "  more.zip\n" }
			},
			want: "the checksums name more.zip, which is not released",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSample()
			test.spoil(&s)
			found := strings.Join(s.write(t).problems, "\n")
			if test.want == "" && found != "" || !strings.Contains(found, test.want) {
				t.Errorf("found %q, want %q", found, test.want)
			}
		})
	}
}

// A difference between two builds is found, and said to be the binary's or only the archive's.
func TestCompare(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change  func(s *sample)
		archive bool // differs, which the table shows
		want    []string
	}{
		"nothing": {change: func(*sample) {}},
		"a binary": {
			change:  func(s *sample) { s.archives["linux_amd64"][1].content = "for linux, built elsewhere" },
			archive: true,
			want:    []string{"linux_amd64: the second build gave another binary", "the second build gave other checksums"},
		},
		"the order within an archive": {
			change:  func(s *sample) { slices.Reverse(s.archives["linux_amd64"]) },
			archive: true,
			want: []string{
				"linux_amd64: the second build gave another archive, of the same binary",
				"the second build gave other checksums",
			},
		},
		"a bill of materials": {
			change: func(s *sample) { s.bills["windows_arm64"] = "parts, and a time" },
			want:   []string{"windows_arm64: the second build gave another bill of materials", "the second build gave other checksums"},
		},
		"a platform": {
			change:  func(s *sample) { delete(s.archives, "windows_arm64") },
			archive: true,
			want: []string{
				"windows_arm64: the second build gave another binary",
				"windows_arm64: the second build gave another bill of materials",
				"the second build gave other checksums",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one, other := newSample(), newSample()
			test.change(&other)
			first, second := one.write(t), other.write(t)
			if got := compare(first, second); !slices.Equal(got, test.want) {
				t.Errorf("found %q, want %q", got, test.want)
			}
			if table := first.table(second); strings.Contains(table, "DIFFERENT") != test.archive {
				t.Errorf("an archive differs: %t, and the table is\n%s", test.archive, table)
			}
		})
	}
}
