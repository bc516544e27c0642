package contract

import "github.com/banyan-go/banyan/internal/openapi"

// What messages are made of: parameters, headers, bodies.

func (s *specifier) parameter(v *value) *openapi.ParameterRef {
	ref, made := referred(v, s.parameters, func(v *value, p *openapi.Parameter) {
		*p = openapi.Parameter{
			Source: v,
			Name:   v.str("name"), In: v.str("in"), Description: v.str("description"), Required: v.flag("required"), Deprecated: v.flag("deprecated"),
			AllowEmptyValue: v.flag("allowEmptyValue"), AllowReserved: v.flag("allowReserved"), Style: v.str("style"), Explode: v.choice("explode"),
			Schema: s.optional(v.get("schema")), Content: mapped(v.get("content"), s.mediaType), Extensions: extensions(v), Pos: v.pos,
		}
	})
	return &openapi.ParameterRef{Ref: ref, Value: made}
}

func (s *specifier) header(v *value) *openapi.HeaderRef {
	ref, made := referred(v, s.headers, func(v *value, h *openapi.Header) {
		*h = openapi.Header{
			Source:      v,
			Description: v.str("description"), Required: v.flag("required"), Deprecated: v.flag("deprecated"), Style: v.str("style"),
			Explode: v.choice("explode"), Schema: s.optional(v.get("schema")), Content: mapped(v.get("content"), s.mediaType),
			Extensions: extensions(v), Pos: v.pos,
		}
	})
	return &openapi.HeaderRef{Ref: ref, Value: made}
}

func (s *specifier) requestBody(v *value) *openapi.RequestBodyRef {
	ref, made := referred(v, s.bodies, func(v *value, b *openapi.RequestBody) {
		*b = openapi.RequestBody{
			Source:      v,
			Description: v.str("description"), Required: v.flag("required"), Content: mapped(v.get("content"), s.mediaType),
			Extensions: extensions(v), Pos: v.pos,
		}
	})
	return &openapi.RequestBodyRef{Ref: ref, Value: made}
}

func (s *specifier) response(v *value) *openapi.ResponseRef {
	ref, made := referred(v, s.responses, func(v *value, r *openapi.Response) {
		*r = openapi.Response{
			Source:      v,
			Description: v.str("description"), Headers: mapped(v.get("headers"), s.header), Content: mapped(v.get("content"), s.mediaType),
			Links: mapped(v.get("links"), s.link), Extensions: extensions(v), Pos: v.pos,
		}
	})
	return &openapi.ResponseRef{Ref: ref, Value: made}
}

func (s *specifier) link(v *value) *openapi.Link {
	if v = v.resolved(); v == nil {
		return &openapi.Link{}
	}
	return &openapi.Link{
		OperationID: v.str("operationId"), OperationRef: v.str("operationRef"),
		Parameters: mapped(v.get("parameters"), (*value).given), RequestBody: v.get("requestBody").given(),
	}
}

func (s *specifier) mediaType(v *value) *openapi.MediaType {
	return &openapi.MediaType{
		Schema: s.optional(v.get("schema")), Encoding: mapped(v.get("encoding"), s.encoding), Extensions: extensions(v), Pos: v.pos,
	}
}

func (s *specifier) encoding(v *value) *openapi.Encoding {
	return &openapi.Encoding{
		ContentType: v.str("contentType"), Style: v.str("style"), Explode: v.choice("explode"), AllowReserved: v.flag("allowReserved"),
		Headers: mapped(v.get("headers"), s.header), Extensions: extensions(v), Pos: v.pos, Source: v,
	}
}
