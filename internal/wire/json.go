package wire

import (
	"bytes"
	"encoding/json"
)

// JSONMembers returns the members of a JSON object, each as it is written; nil where the document is anything else.
// repeated are the names that it has twice with different values: JSON does not say which of them counts.
func JSONMembers(document []byte) (members map[string]json.RawMessage, repeated []string) {
	decoder := json.NewDecoder(bytes.NewReader(document))
	if opening, _ := decoder.Token(); opening != json.Delim('{') || !json.Valid(document) {
		return nil, nil
	}
	members = map[string]json.RawMessage{}
	for decoder.More() { // in valid JSON, so that nothing below fails
		key, _ := decoder.Token()
		name, _ := key.(string)
		var value json.RawMessage
		_ = decoder.Decode(&value)
		if known, isKnown := members[name]; isKnown && !bytes.Equal(known, value) {
			repeated = append(repeated, name)
		}
		members[name] = value
	}
	return members, repeated
}
