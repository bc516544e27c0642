package goserver

import (
	"mime"
	"strings"
)

// baseMedia is a media type without its parameters, in lower case.
func baseMedia(declared string) string {
	media, _, err := mime.ParseMediaType(declared)
	if err != nil {
		media, _, _ = strings.Cut(declared, ";")
	}
	return strings.ToLower(strings.TrimSpace(media))
}

func kindOfMedia(media string) bodyKind {
	switch {
	case media == "application/json", strings.HasSuffix(media, "+json"), media == "text/json":
		return jsonBody
	case media == "text/plain":
		return textBody
	case media == "application/x-www-form-urlencoded":
		return formBody
	case strings.HasPrefix(media, "multipart/") && media != "multipart/*":
		return multipartBody
	}
	return streamBody
}

// mediaTag names a media type within Go names, as oapi-codegen's users know it.
func mediaTag(media string) string {
	switch media {
	case "application/json":
		return "JSON"
	case "text/plain":
		return "Text"
	case "application/x-www-form-urlencoded":
		return "Formdata"
	case "multipart/form-data":
		return "Multipart"
	}
	words := strings.NewReplacer("*", "Wildcard_", "+", "_plus_", "/", "_").Replace(media)
	tag := goName(words)
	for from, to := range map[string]string{"Json": "JSON", "Xml": "XML"} {
		if rest, ok := strings.CutSuffix(tag, from); ok {
			tag = rest + to
		}
	}
	return tag
}
