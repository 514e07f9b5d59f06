// The program mirror packs the provider for several platforms into the layout that Terraform and OpenTofu read from a
// folder and, the same files, from a web server; and writes what belongs into lock files. `make mirror` runs it.
package main

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/dirhash"
)

const (
	// address is the provider's source address. `make rename` changes it here too.
	address = "terraform.local/wechat/wechat"
	name    = "terraform-provider-wechat"
)

var (
	// versionNumber is what both engines read as a version. Build metadata is none that a registry would take.
	versionNumber = regexp.MustCompile(`^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}(?:-[0-9A-Za-z.-]+)?$`)
	// platform is an operating system and an architecture, as Go and the engines call them.
	platform = regexp.MustCompile(`^[a-z0-9]+_[a-z0-9]+$`)
)

// packed is when everything in an archive was changed: the earliest time that the format knows, so that the same source
// gives the same bytes.
var packed = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

func main() {
	var m mirror
	flag.StringVar(&m.source, "source", ".", "`folder` of the provider's source")
	flag.StringVar(&m.out, "out", "dist", "`folder` that gets mirror/ and lock.hcl")
	flag.StringVar(&m.version, "version", "0.1.0", "the `number` that the engines see")
	platforms := flag.String("platforms", "", "what to build for, as in \"linux_amd64 darwin_arm64\"")
	released := flag.String("archives", "", "`folder` with the archives of a release, which are taken as they are")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := m.make(ctx, strings.Fields(*platforms), *released)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mirror:", err)
		os.Exit(1)
	}
}

type mirror struct{ source, out, version string }

// folder is where the archives and the indexes of all versions are.
func (m mirror) folder() string { return filepath.Join(m.out, "mirror", filepath.FromSlash(address)) }

func (m mirror) make(ctx context.Context, platforms []string, released string) error {
	if !versionNumber.MatchString(m.version) {
		return fmt.Errorf("%q is no version: give VERSION three numbers, as in 0.2.0", m.version)
	}
	for _, p := range platforms {
		if !platform.MatchString(p) {
			return fmt.Errorf("%q is no platform: write it like linux_amd64", p)
		}
	}
	var archives []string
	if released != "" {
		var err error
		if archives, err = filepath.Glob(filepath.Join(released, name+"_"+m.version+"_*.zip")); err != nil {
			return err
		}
	}
	if len(platforms)+len(archives) == 0 {
		return errors.New(`there is nothing to pack: name platforms in PLATFORMS, as in "linux_amd64 darwin_arm64"`)
	}
	if err := os.MkdirAll(m.folder(), 0o755); err != nil { //nolint:gosec // For everyone to read.
		return err
	}
	for _, path := range archives {
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := m.place(filepath.Base(path), content); err != nil {
			return err
		}
	}
	for _, p := range platforms {
		content, err := m.pack(ctx, p)
		if err == nil {
			err = m.place(name+"_"+m.version+"_"+p+".zip", content)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
	}
	indexed, err := m.writeIndexes()
	if err != nil {
		return err
	}
	return m.writeLock(indexed)
}

// pack builds the provider for a platform and returns an archive of it and its license.
func (m mirror) pack(ctx context.Context, platform string) ([]byte, error) {
	scratch, err := os.MkdirTemp("", name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	binary := name + "_v" + m.version
	if strings.HasPrefix(platform, "windows_") {
		binary += ".exe"
	}
	built := filepath.Join(scratch, binary)
	if err := m.build(ctx, platform, built); err != nil {
		return nil, err
	}
	var content bytes.Buffer
	archive := zip.NewWriter(&content)
	for _, file := range []struct {
		path, name string
		mode       fs.FileMode
	}{{filepath.Join(m.source, "LICENSE"), "LICENSE", 0o644}, {built, binary, 0o755}} {
		if err := add(archive, file.path, file.name, file.mode); err != nil {
			return nil, err
		}
	}
	err = archive.Close()
	return content.Bytes(), err
}

// place puts an archive into the mirror, under the name that the engines look for. What is there already with other
// bytes stays: lock files out there hold its checksums.
func (m mirror) place(archive string, content []byte) error {
	target := filepath.Join(m.folder(), archive)
	switch before, err := os.ReadFile(target); {
	case err == nil && !bytes.Equal(before, content):
		return fmt.Errorf("%s is another build of version %s, and its checksums may stand in lock files: "+
			"give this one another VERSION, or remove that file if nobody has it yet", target, m.version)
	case err != nil && !os.IsNotExist(err):
		return err
	}
	if err := write(target+".new", content); err != nil {
		return err
	}
	if err := os.Rename(target+".new", target); err != nil {
		return err
	}
	fmt.Printf("%9d bytes  %x  %s\n", len(content), sha256.Sum256(content), archive)
	return nil
}

// build gives the binary that a release has. Of what the builder has set for Go, only where modules come from counts.
func (m mirror) build(ctx context.Context, platform, target string) error {
	system, architecture, _ := strings.Cut(platform, "_")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false",
		"-ldflags", "-s -w -X main.version="+m.version, "-o", target, ".")
	build.Dir = m.source
	build.Env = append(os.Environ(), "GOOS="+system, "GOARCH="+architecture, "CGO_ENABLED=0", "GOFLAGS=-mod=readonly",
		"GOAMD64=v1", "GO386=sse2", "GOARM=6", "GOARM64=v8.0", "GOEXPERIMENT=", "GOWORK=off")
	said, err := build.CombinedOutput()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("go build: %w\n%s", err, bytes.TrimSpace(said))
	}
	return nil
}

func add(archive *zip.Writer, path, name string, mode fs.FileMode) error {
	header := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: packed}
	header.SetMode(mode)
	inside, err := archive.CreateHeader(header)
	if err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	_, err = io.Copy(inside, file)
	return err
}

// archive is what an index says of one.
type archive struct {
	URL    string   `json:"url"`
	Hashes []string `json:"hashes"`
}

// writeIndexes writes what a web server answers: the versions whose archives are there, and where those of this version
// are. It returns these, by platform.
func (m mirror) writeIndexes() (map[string]archive, error) {
	files, err := filepath.Glob(filepath.Join(m.folder(), name+"_*.zip"))
	if err != nil {
		return nil, err
	}
	versions, archives := map[string]struct{}{}, map[string]archive{}
	for _, file := range files {
		// name, version, system, architecture
		parts := strings.Split(strings.TrimSuffix(filepath.Base(file), ".zip"), "_")
		if len(parts) != 4 {
			continue
		}
		versions[parts[1]] = struct{}{}
		if parts[1] != m.version {
			continue
		}
		hash, err := dirhash.HashZip(file, dirhash.Hash1)
		if err != nil {
			return nil, err
		}
		archives[parts[2]+"_"+parts[3]] = archive{filepath.Base(file), []string{hash}}
	}
	ofVersion := filepath.Join(m.folder(), m.version+".json")
	if err := writeJSON(ofVersion, map[string]any{"archives": archives}); err != nil {
		return nil, err
	}
	return archives, writeJSON(filepath.Join(m.folder(), "index.json"), map[string]any{"versions": versions})
}

func writeJSON(path string, content any) error {
	written, err := json.MarshalIndent(content, "", "  ")
	if err != nil {
		return err
	}
	return write(path, append(written, '\n'))
}

// write writes a file for everyone to read, as those of a mirror are.
func write(path string, content []byte) error {
	return os.WriteFile(path, content, 0o644) //nolint:gosec // See above.
}

// writeLock writes the provider's block of a lock file. `h1:` hashes are of what is in an archive, wherever it came
// from; `zh:` are of the archives as they are.
func (m mirror) writeLock(archives map[string]archive) error {
	var hashes []string
	for _, platform := range slices.Sorted(maps.Keys(archives)) {
		content, err := os.ReadFile(filepath.Join(m.folder(), archives[platform].URL))
		if err != nil {
			return err
		}
		hashes = append(hashes, archives[platform].Hashes[0], fmt.Sprintf("zh:%x", sha256.Sum256(content)))
	}
	slices.Sort(hashes)
	var block strings.Builder
	fmt.Fprintf(&block, "provider %q {\n  version = %q\n  hashes = [\n", address, m.version)
	for _, hash := range slices.Compact(hashes) {
		fmt.Fprintf(&block, "    %q,\n", hash)
	}
	block.WriteString("  ]\n}\n")
	lock := filepath.Join(m.out, "lock.hcl")
	if err := write(lock, []byte(block.String())); err != nil {
		return err
	}
	fmt.Printf("\nVersion %s of %s:\n  %s is the mirror, for a folder or a web server\n"+
		"  %s is its block of .terraform.lock.hcl\n", m.version, address, filepath.Join(m.out, "mirror"), lock)
	return nil
}
