package legacyproxy

import (
	"encoding/json"
)

// secretsOf are the names of properties that a contract calls secret or
// personal: format: password, writeOnly and x-pii.
func secretsOf(contract []byte) secretNames {
	var root any
	if len(contract) == 0 || json.Unmarshal(contract, &root) != nil {
		return nil
	}
	names := secretNames{}
	collectSecrets(root, names)
	return names
}

func collectSecrets(node any, names secretNames) {
	switch n := node.(type) {
	case map[string]any:
		if properties, ok := n["properties"].(map[string]any); ok {
			for name, schema := range properties {
				if s, ok := schema.(map[string]any); ok && secretSchema(s) {
					names[name] = true
				}
			}
		}
		for _, child := range n {
			collectSecrets(child, names)
		}
	case []any:
		for _, child := range n {
			collectSecrets(child, names)
		}
	}
}

func secretSchema(s map[string]any) bool {
	pii := s["x-pii"]
	return s["format"] == "password" || s["writeOnly"] == true || pii != nil && pii != false
}
