package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// manifest is the file that tells the registries which protocol the provider speaks. It is released under another name.
const manifest = "terraform-registry-manifest.json"

const project = "terraform-provider-wechat"

// dist is what a build left in its folder dist. Archives, binaries and bills of materials are by platform, as in linux_amd64.
type dist struct {
	version  string
	sums     string            // the file of checksums, as it stands
	archives map[string]file   // the files that users download
	binaries map[string]string // the checksums of what is in them
	sizes    map[string]int    // the binaries' sizes
	bills    map[string]file
	problems []string
}

type file struct {
	name, sum string
	size      int
}

// readDist reads what a build of tree left, and looks for what the registries and those who verify would miss.
func readDist(tree string, committed time.Time) (dist, error) {
	d := dist{archives: map[string]file{}, binaries: map[string]string{}, sizes: map[string]int{}, bills: map[string]file{}}
	folder := filepath.Join(tree, "dist")
	var about struct{ Version string }
	if err := readJSON(filepath.Join(folder, "metadata.json"), &about); err != nil {
		return d, err
	}
	d.version = about.Version
	var artifacts []struct{ Name, Goos, Goarch, Type string }
	if err := readJSON(filepath.Join(folder, "artifacts.json"), &artifacts); err != nil {
		return d, err
	}

	want := map[string]string{} // what the file of checksums must say
	for _, artifact := range artifacts {
		if artifact.Type != "Archive" {
			continue
		}
		platform := artifact.Goos + "_" + artifact.Goarch
		name := d.name(platform + ".zip")
		if artifact.Name != name {
			d.problem("%s is called %s: the registries look for %s", platform, artifact.Name, name)
			continue
		}
		archive, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			return d, err
		}
		d.archives[platform] = file{name: name, sum: sum(archive), size: len(archive)}
		want[name] = sum(archive)
		if err := d.readArchive(platform, archive, committed); err != nil {
			return d, fmt.Errorf("%s: %w", name, err)
		}
		name = d.name(platform + ".cdx.json")
		bill, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			d.problem("%s has no bill of materials %s", platform, name)
			continue
		}
		d.bills[platform] = file{name: name, sum: sum(bill), size: len(bill)}
		want[name] = sum(bill)
	}
	if len(d.archives) == 0 {
		d.problem("there are no archives")
	}
	protocols, err := os.ReadFile(filepath.Join(tree, manifest))
	if err != nil {
		return d, err
	}
	want[d.name("manifest.json")] = sum(protocols)

	sums, err := os.ReadFile(filepath.Join(folder, d.name("SHA256SUMS")))
	if err != nil {
		return d, err
	}
	d.sums = string(sums)
	d.checkSums(want)
	return d, nil
}

// readArchive holds an archive to its contents: the license and the binary, with names, modes and times that depend on nothing
// but the commit.
func (d *dist) readArchive(platform string, archive []byte, committed time.Time) error {
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return err
	}
	binary := project + "_v" + d.version
	if strings.HasPrefix(platform, "windows_") {
		binary += ".exe"
	}
	modes := map[string]os.FileMode{"LICENSE": 0o644, binary: 0o755}
	for _, f := range r.File {
		mode, ok := modes[f.Name]
		delete(modes, f.Name)
		switch {
		case !ok:
			d.problem("%s has %s in its archive", platform, f.Name)
		case f.Mode() != mode:
			d.problem("%s: %s has mode %s, not %s", platform, f.Name, f.Mode(), mode)
		case !f.Modified.Equal(committed) || !inUTC(f.Modified):
			d.problem("%s: %s is of %s, and the commit of %s", platform, f.Name, f.Modified, committed)
		}
		if f.Name != binary {
			continue
		}
		content, err := f.Open()
		if err != nil {
			return err
		}
		read, err := io.ReadAll(content)
		if err != nil {
			return err
		}
		d.binaries[platform], d.sizes[platform] = sum(read), len(read)
	}
	for name := range modes {
		d.problem("%s has no %s in its archive", platform, name)
	}
	return nil
}

// checkSums holds the file of checksums to the files: it names each with its sum, and nothing else.
func (d *dist) checkSums(want map[string]string) {
	want = maps.Clone(want)
	for line := range strings.Lines(d.sums) {
		checksum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		switch expected, ok := want[name]; {
		case !ok:
			d.problem("the checksums name %s, which is not released", name)
		case checksum != expected:
			d.problem("the checksums give %s for %s, which has %s", checksum, name, expected)
		}
		delete(want, name)
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		d.problem("the checksums do not name %s", name)
	}
}

// compare tells what two builds of the same commit did not do alike.
func compare(one, other dist) []string {
	var found []string
	for _, platform := range slices.Sorted(maps.Keys(one.archives)) {
		switch {
		case one.binaries[platform] != other.binaries[platform]:
			found = append(found, platform+": the second build gave another binary")
		case one.archives[platform] != other.archives[platform]:
			found = append(found, platform+": the second build gave another archive, of the same binary")
		}
		if one.bills[platform] != other.bills[platform] {
			found = append(found, platform+": the second build gave another bill of materials")
		}
	}
	if one.sums != other.sums {
		found = append(found, "the second build gave other checksums")
	}
	return found
}

// table shows what there is for each platform.
func (d dist) table(again dist) string {
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\nversion %s\nplatform\tarchive\tbinary\tSHA-256 of the archive\tagain\n", d.version)
	total := 0
	for _, platform := range slices.Sorted(maps.Keys(d.archives)) {
		archive := d.archives[platform]
		total += archive.size
		same := "the same"
		if archive.sum != again.archives[platform].sum {
			same = "DIFFERENT"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", platform, megabytes(archive.size), megabytes(d.sizes[platform]), archive.sum, same)
	}
	fmt.Fprintf(w, "%d platforms\t%s\n", len(d.archives), megabytes(total))
	_ = w.Flush()
	return out.String()
}

func (d *dist) problem(format string, args ...any) {
	d.problems = append(d.problems, fmt.Sprintf(format, args...))
}

// name is a released file's, by its last part.
func (d *dist) name(last string) string { return project + "_" + d.version + "_" + last }

// inUTC tells whether a time was written as UTC. An archive holds the local time of who wrote it as well.
func inUTC(t time.Time) bool {
	_, offset := t.Zone()
	return offset == 0
}

func hostPlatform() string { return runtime.GOOS + "_" + runtime.GOARCH }

func megabytes(size int) string { return fmt.Sprintf("%.1f MB", float64(size)/1e6) }

func sum(content []byte) string {
	s := sha256.Sum256(content)
	return hex.EncodeToString(s[:])
}

func readJSON(path string, into any) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, into); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return nil
}
