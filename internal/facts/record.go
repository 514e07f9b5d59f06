package facts

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Origins of a record.
const (
	OriginRun       = "run"       // of this program
	OriginPublished = "published" // bodies that others published
)

// Record is what a run leaves on disk: no token, no appid and no name is among it.
type Record struct {
	Format int    `json:"format"` // 1
	Origin string `json:"origin"`
	Date   string `json:"date,omitempty"` // 2026-11-26, in UTC
	// Host is WeChat's, or "another" for a run that -base-url led elsewhere, which confirms nothing of WeChat.
	Host      string             `json:"host,omitempty"`
	Accounts  map[string]string  `json:"accounts,omitempty"` // of which holder wxA and so on are
	Facts     []Result           `json:"facts,omitempty"`
	Exchanges []RecordedExchange `json:"exchanges"`
}

// RecordedExchange is a request and its answer.
type RecordedExchange struct {
	Source  string `json:"source,omitempty"` // of a published body
	Host    string `json:"host,omitempty"`   // "": that of the record
	Method  string `json:"method"`
	Path    string `json:"path"`
	Token   string `json:"token"`              // which, in words: see tokenNames
	NewName bool   `json:"new_name,omitempty"` // it went as access_token in the place of component_access_token
	Body    string `json:"body,omitempty"`     // with wxA for an appid
	Chunked bool   `json:"chunked,omitempty"`  // without Content-Length
	Answer  Answer `json:"answer"`
}

// Record is the run's record.
func (r *Report) Record(date time.Time) Record {
	v := r.verification
	record := Record{
		Format: 1, Origin: OriginRun, Date: date.UTC().Format(time.DateOnly), Host: Host, Facts: r.Results,
		Accounts: map[string]string{}, Exchanges: []RecordedExchange{},
	}
	if v.BaseURL != nil {
		record.Host = "another"
	}
	for holder, role := range []string{"first", "second", "component"} {
		if appid := v.Credentials[holder].AppID; appid != "" {
			record.Accounts[v.names.of(appid)] = role
		}
	}
	for _, e := range v.exchanges {
		if e.failure != "" {
			continue
		}
		exchange := RecordedExchange{
			Method: e.request.method, Path: endpoints[e.request.endpoint].path, Token: tokenNames[e.request.token],
			NewName: e.request.newName, Body: v.aliased(v.filled(e.request.body)), Chunked: e.request.chunked,
			Answer: e.answer,
		}
		if e.request.host > 0 {
			exchange.Host = hosts[e.request.host]
		}
		record.Exchanges = append(record.Exchanges, exchange)
	}
	return record
}

// aliased puts wxA and so on in the place of appids.
func (v *verification) aliased(body string) string {
	for _, appid := range v.names.appids {
		body = strings.ReplaceAll(body, `"`+appid+`"`, `"`+v.names.of(appid)+`"`)
	}
	return body
}

// minSecret is the length, in bytes, of the shortest text that is searched for: a shorter one could stand anywhere.
const minSecret = 8

// secrets are the texts that must not stand in a record: what was put in, and every text that any answer held, but
// for plain words and what every record holds.
func (v *verification) secrets() []string {
	found := map[string]bool{}
	for _, credential := range v.Credentials {
		for _, text := range []string{credential.AppID, credential.Token, credential.Token[:len(credential.Token)/2]} {
			if len(text) >= minSecret {
				found[text] = true
			}
		}
	}
	public := fmt.Sprint(endpoints, hosts, tokenNames, memberNames)
	note := func(text string) {
		if len(text) >= minSecret && !strings.Contains(public, text) {
			found[text] = true
		}
	}
	var walk func(value any)
	walk = func(value any) {
		switch value := value.(type) {
		case string:
			note(value)
		case []any:
			for _, element := range value {
				walk(element)
			}
		case map[string]any:
			for name, member := range value {
				if maskedName(name) == anything {
					note(name)
				}
				if text, is := member.(string); is && name == "errmsg" {
					for field := range strings.FieldsSeq(text) {
						if maskedText(field) == anything {
							note(field)
						}
					}
					continue
				}
				walk(member)
			}
		}
	}
	for _, e := range v.exchanges {
		walk(map[string]any(e.object))
	}
	delete(found, inventedAppID)
	return slices.Collect(maps.Keys(found))
}

// forms are a secret as it is and as it could have been encoded, or turned round, on its way into a file.
func forms(secret string) []string {
	backwards := []rune(secret)
	slices.Reverse(backwards)
	var escaped strings.Builder
	for _, r := range secret {
		fmt.Fprintf(&escaped, `\u%04x`, r)
	}
	quoted, _ := json.Marshal(secret) // a text
	all := []string{
		secret, string(backwards), url.QueryEscape(secret), url.PathEscape(secret), escaped.String(),
		strings.Trim(string(quoted), `"`),
		hex.EncodeToString([]byte(secret)),
	}
	// In Base64 a text looks in three ways, by what stands before it; its first and last character mix with its
	// neighbours'.
	for shift := range 3 {
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			encoded := encoding.EncodeToString(append(make([]byte, shift), secret...))
			all = append(all, encoded[(shift*8+5)/6:len(encoded)-1])
		}
	}
	return all
}

// lowerCase changes no length, as strings.ToLower may.
func lowerCase(text string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, text)
}

// ErrUnsafe is what Write returns for a record that holds a secret, of which it shows nothing.
var ErrUnsafe = errors.New("the record was not written: a token, an appid or a text of an answer would stand in it")

// Write searches the record for every secret and appid that the run had in memory, and writes it only if it holds
// none. The file is put in its place whole, or not at all.
func (r *Report) Write(path string, record Record) error {
	content, err := json.MarshalIndent(record, "", "  ")
	if err != nil {
		return err
	}
	lower := lowerCase(string(content))
	beginnings := map[string]bool{} // of all that stands there, because there may be thousands of secrets
	for i := range len(lower) - minSecret {
		beginnings[lower[i:i+minSecret]] = true
	}
	for _, secret := range r.verification.secrets() {
		for _, form := range forms(secret) {
			if form = lowerCase(form); beginnings[form[:minSecret]] && strings.Contains(lower, form) {
				return ErrUnsafe
			}
		}
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".record-")
	if err != nil {
		return err
	}
	_, err = file.Write(append(content, '\n'))
	if err = errors.Join(err, file.Chmod(0o644), file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return err
}

// CanWrite says why a record could not be written there, before anything is asked.
func CanWrite(path string) error {
	if at, err := os.Stat(path); err == nil && at.IsDir() {
		return &fs.PathError{Op: "write", Path: path, Err: errors.New("is a folder")}
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".record-")
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// ReadRecord reads a record, whole.
func ReadRecord(path string) (Record, error) {
	var record Record
	content, err := os.ReadFile(path)
	if err != nil {
		return record, err
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err = decoder.Decode(&record); err == nil {
		if _, end := decoder.Token(); end != io.EOF {
			err = errors.New("something follows it")
		}
	}
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return record, fmt.Errorf("%s is half a record: it ends too early", path)
	case err != nil:
		return record, fmt.Errorf("%s is no record: %w", path, err)
	case record.Format != 1 || record.Origin != OriginRun && record.Origin != OriginPublished:
		return record, fmt.Errorf("%s is no record of format 1, of a run or of published bodies", path)
	}
	return record, nil
}

// ReadRecords reads the records of a folder, in the order of their names.
func ReadRecords(folder string) (map[string]Record, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil, err
	}
	records := map[string]Record{}
	for _, path := range paths {
		if records[filepath.Base(path)], err = ReadRecord(path); err != nil {
			return nil, err
		}
	}
	return records, nil
}
