package contract

import (
	"slices"
	"strings"
)

// This file is the grammar of OpenAPI 3.0.3 and what 3.1 adds to it: which
// object has which fields. The reader walks a document along it.

// form is what a value may be.
type form struct {
	kind   formKind
	elem   *form   // of lists and maps
	object *object // of objects
	remark bool    // of text that says nothing about messages
}

// idle reports whether values say nothing about messages.
func (f *form) idle() bool {
	switch f.kind {
	case listForm:
		return f.elem.idle()
	case mapForm:
		return f.elem.kind == objectForm && f.elem.idle() // the keys of others do
	case objectForm:
		return f.object.idle
	}
	return f.remark
}

type formKind uint8

const (
	anyForm formKind = iota
	textForm
	boolForm
	numberForm
	countForm // a whole number from 0
	listForm
	mapForm
	objectForm
	boolOrSchemaForm // additionalProperties
	schemaURIForm    // a discriminator's mapping: a name or a reference
	typesForm        // a type, or a list of types
)

// object is one kind of object of the specification.
type object struct {
	// name is what a user calls it, with its article.
	name string
	// link is the chapter of the specification.
	link string
	// section is the place under components for objects that may be referred
	// to; empty for all others.
	section string
	// inlined objects may be referred to, but have no place under components.
	inlined bool
	// idle objects say nothing about messages.
	idle   bool
	fields map[string]field
	// rest is the form of fields whose name is free, if allowed; free tells
	// which names those are.
	rest *form
	free func(name string) bool
	// in31 are the fields that only OpenAPI 3.1 has, or that it gives another
	// form.
	in31 map[string]field
	// needs are the required fields, sorted; needs31 those of 3.1.
	needs, needs31 []string
}

// field is the form of a field in the version that is read.
func (o *object) field(name string, v31 bool) (field, bool) {
	if v31 {
		if f, ok := o.in31[name]; ok {
			return f, true
		}
	}
	f, ok := o.fields[name]
	return f, ok
}

type field struct {
	form     *form
	required bool
}

func obj(o *object) *form      { return &form{kind: objectForm, object: o} }
func list(of *form) *form      { return &form{kind: listForm, elem: of} }
func mapping(of *form) *form   { return &form{kind: mapForm, elem: of} }
func optional(f *form) field   { return field{form: f} }
func required(f *form) field   { return field{form: f, required: true} }
func anyName(name string) bool { return true }

var (
	anything = &form{kind: anyForm}
	text     = &form{kind: textForm}
	remark   = &form{kind: textForm, remark: true}
	boolean  = &form{kind: boolForm}
	number   = &form{kind: numberForm}
	count    = &form{kind: countForm}
)

var (
	documentObject       = &object{name: "the document", link: "4.7.1"}
	infoObject           = &object{name: "info", link: "4.7.2", idle: true}
	contactObject        = &object{name: "contact", link: "4.7.3", idle: true}
	licenseObject        = &object{name: "license", link: "4.7.4", idle: true}
	serverObject         = &object{name: "a server", link: "4.7.5"}
	serverVariableObject = &object{name: "a server variable", link: "4.7.6"}
	componentsObject     = &object{name: "components", link: "4.7.7"}
	pathsObject          = &object{name: "paths", link: "4.7.8"}
	pathItemObject       = &object{name: "a path", link: "4.7.9", inlined: true}
	operationObject      = &object{name: "an operation", link: "4.7.10"}
	docsObject           = &object{name: "externalDocs", link: "4.7.11", idle: true}
	parameterObject      = &object{name: "a parameter", link: "4.7.12", section: "parameters"}
	requestBodyObject    = &object{name: "a request body", link: "4.7.13", section: "requestBodies"}
	mediaTypeObject      = &object{name: "a media type", link: "4.7.14"}
	encodingObject       = &object{name: "an encoding", link: "4.7.15"}
	responsesObject      = &object{name: "responses", link: "4.7.16"}
	responseObject       = &object{name: "a response", link: "4.7.17", section: "responses"}
	callbackObject       = &object{name: "a callback", link: "4.7.18", section: "callbacks"}
	exampleObject        = &object{name: "an example", link: "4.7.19", section: "examples", idle: true}
	linkObject           = &object{name: "a link", link: "4.7.20", section: "links", idle: true}
	headerObject         = &object{name: "a header", link: "4.7.21", section: "headers"}
	tagObject            = &object{name: "a tag", link: "4.7.22", idle: true}
	schemaObject         = &object{name: "a schema", link: "4.7.24", section: "schemas"}
	discriminatorObject  = &object{name: "a discriminator", link: "4.7.25"}
	xmlObject            = &object{name: "xml", link: "4.7.26", idle: true}
	securityScheme       = &object{name: "a security scheme", link: "4.7.27", section: "securitySchemes"}
	flowsObject          = &object{name: "flows", link: "4.7.28"}
	flowObject           = &object{name: "an OAuth flow", link: "4.7.29"}
	requirementObject    = &object{name: "a security requirement", link: "4.7.30"}
)

// methods are the fields of a path that hold operations.
var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

func init() {
	schema := obj(schemaObject)
	schemaOrBool := &form{kind: boolOrSchemaForm, object: schemaObject}
	docs := optional(obj(docsObject))
	examples := optional(mapping(obj(exampleObject)))
	content := mapping(obj(mediaTypeObject))
	headers := optional(mapping(obj(headerObject)))
	servers := optional(list(obj(serverObject)))
	security := optional(list(obj(requirementObject)))

	documentObject.fields = map[string]field{
		"openapi": required(text), "info": required(obj(infoObject)), "servers": servers, "paths": required(obj(pathsObject)),
		"components": optional(obj(componentsObject)), "security": security, "tags": optional(list(obj(tagObject))), "externalDocs": docs,
	}
	documentObject.in31 = map[string]field{
		"webhooks": optional(mapping(obj(pathItemObject))), "jsonSchemaDialect": optional(text), "paths": optional(obj(pathsObject)),
	}
	infoObject.fields = map[string]field{
		"title": required(remark), "version": required(remark), "description": optional(remark), "termsOfService": optional(remark),
		"contact": optional(obj(contactObject)), "license": optional(obj(licenseObject)),
	}
	infoObject.in31 = map[string]field{"summary": optional(remark)}
	contactObject.fields = map[string]field{"name": optional(remark), "url": optional(remark), "email": optional(remark)}
	licenseObject.fields = map[string]field{"name": required(remark), "url": optional(remark)}
	licenseObject.in31 = map[string]field{"identifier": optional(remark)}
	serverObject.fields = map[string]field{
		"url": required(text), "description": optional(remark), "variables": optional(mapping(obj(serverVariableObject))),
	}
	serverVariableObject.fields = map[string]field{"enum": optional(list(text)), "default": required(text), "description": optional(remark)}

	componentsObject.fields = map[string]field{}
	for _, o := range referable {
		componentsObject.fields[o.section] = optional(mapping(obj(o)))
	}
	componentsObject.in31 = map[string]field{"pathItems": optional(mapping(obj(pathItemObject)))}

	pathsObject.rest, pathsObject.free = obj(pathItemObject), func(name string) bool { return strings.HasPrefix(name, "/") }
	pathItemObject.fields = map[string]field{
		"summary": optional(remark), "description": optional(remark), "servers": servers, "parameters": optional(list(obj(parameterObject))),
	}
	for _, m := range methods {
		pathItemObject.fields[m] = optional(obj(operationObject))
	}
	operationObject.fields = map[string]field{
		"tags": optional(list(remark)), "summary": optional(remark), "description": optional(remark), "externalDocs": docs,
		"operationId": optional(text), "parameters": optional(list(obj(parameterObject))),
		"requestBody": optional(obj(requestBodyObject)), "responses": required(obj(responsesObject)),
		"callbacks": optional(mapping(obj(callbackObject))), "deprecated": optional(boolean), "security": security, "servers": servers,
	}
	operationObject.in31 = map[string]field{"responses": optional(obj(responsesObject))}
	docsObject.fields = map[string]field{"description": optional(remark), "url": required(remark)}

	// A header is a parameter without name and place.
	headerObject.fields = map[string]field{
		"description": optional(remark), "required": optional(boolean), "deprecated": optional(boolean), "allowEmptyValue": optional(boolean),
		"style": optional(text), "explode": optional(boolean), "allowReserved": optional(boolean), "schema": optional(schema),
		"example": optional(anything), "examples": examples, "content": optional(content),
	}
	parameterObject.fields = map[string]field{"name": required(text), "in": required(text)}
	for name, f := range headerObject.fields {
		parameterObject.fields[name] = f
	}
	requestBodyObject.fields = map[string]field{"description": optional(remark), "content": required(content), "required": optional(boolean)}
	mediaTypeObject.fields = map[string]field{
		"schema": optional(schema), "example": optional(anything), "examples": examples, "encoding": optional(mapping(obj(encodingObject))),
	}
	encodingObject.fields = map[string]field{
		"contentType": optional(text), "headers": headers, "style": optional(text), "explode": optional(boolean), "allowReserved": optional(boolean),
	}
	responsesObject.fields = map[string]field{"default": optional(obj(responseObject))}
	responsesObject.rest, responsesObject.free = obj(responseObject), isStatus
	responseObject.fields = map[string]field{
		"description": required(remark), "headers": headers, "content": optional(content), "links": optional(mapping(obj(linkObject))),
	}
	callbackObject.rest, callbackObject.free = obj(pathItemObject), anyName
	exampleObject.fields = map[string]field{
		"summary": optional(remark), "description": optional(remark), "value": optional(anything), "externalValue": optional(remark),
	}
	linkObject.fields = map[string]field{
		"operationRef": optional(text), "operationId": optional(text), "parameters": optional(mapping(anything)),
		"requestBody": optional(anything), "description": optional(remark), "server": optional(obj(serverObject)),
	}
	tagObject.fields = map[string]field{"name": required(remark), "description": optional(remark), "externalDocs": docs}

	schemaObject.fields = map[string]field{
		"title": optional(remark), "multipleOf": optional(number), "maximum": optional(number), "exclusiveMaximum": optional(boolean),
		"minimum": optional(number), "exclusiveMinimum": optional(boolean), "maxLength": optional(count), "minLength": optional(count),
		"pattern": optional(text), "maxItems": optional(count), "minItems": optional(count), "uniqueItems": optional(boolean),
		"maxProperties": optional(count), "minProperties": optional(count), "required": optional(list(text)), "enum": optional(list(anything)),
		"type": optional(&form{kind: typesForm}), "allOf": optional(list(schema)), "oneOf": optional(list(schema)), "anyOf": optional(list(schema)),
		"not": optional(schema), "items": optional(schema), "properties": optional(mapping(schema)), "additionalProperties": optional(schemaOrBool),
		"description": optional(remark), "format": optional(text), "default": optional(anything), "nullable": optional(boolean),
		"discriminator": optional(obj(discriminatorObject)), "readOnly": optional(boolean), "writeOnly": optional(boolean),
		"xml": optional(obj(xmlObject)), "externalDocs": docs, "example": optional(anything), "deprecated": optional(boolean),
	}
	schemas := optional(mapping(schema))
	schemaObject.in31 = map[string]field{
		"const": optional(anything), "examples": optional(list(anything)),
		"exclusiveMinimum": optional(number), "exclusiveMaximum": optional(number),
		"prefixItems": optional(list(schema)), "contains": optional(schema), "minContains": optional(count), "maxContains": optional(count),
		"patternProperties": schemas, "propertyNames": optional(schema), "dependentSchemas": schemas,
		"dependentRequired": optional(mapping(list(text))), "unevaluatedItems": optional(schema), "unevaluatedProperties": optional(schema),
		"if": optional(schema), "then": optional(schema), "else": optional(schema), "contentMediaType": optional(text),
		"contentEncoding": optional(text), "contentSchema": optional(schema), "$comment": optional(remark),
		"$defs": optional(anything), "definitions": optional(anything), "$schema": optional(text), "$id": optional(text),
		"$anchor": optional(text), "$dynamicAnchor": optional(text), "$dynamicRef": optional(text), "$vocabulary": optional(anything),
	}
	discriminatorObject.fields = map[string]field{"propertyName": required(text), "mapping": optional(mapping(&form{kind: schemaURIForm}))}
	xmlObject.fields = map[string]field{
		"name": optional(remark), "namespace": optional(remark), "prefix": optional(remark), "attribute": optional(boolean), "wrapped": optional(boolean),
	}
	securityScheme.fields = map[string]field{
		"type": required(text), "description": optional(remark), "name": optional(text), "in": optional(text), "scheme": optional(text),
		"bearerFormat": optional(remark), "flows": optional(obj(flowsObject)), "openIdConnectUrl": optional(text),
	}
	flow := optional(obj(flowObject))
	flowsObject.fields = map[string]field{"implicit": flow, "password": flow, "clientCredentials": flow, "authorizationCode": flow}
	flowObject.fields = map[string]field{
		"authorizationUrl": optional(text), "tokenUrl": optional(text), "refreshUrl": optional(text), "scopes": required(mapping(remark)),
	}
	requirementObject.rest, requirementObject.free = list(text), anyName

	for _, o := range objects {
		o.needs, o.needs31 = required30(o), required31(o)
	}
}

// objects are all there are.
var objects = []*object{
	documentObject, infoObject, contactObject, licenseObject, serverObject, serverVariableObject, componentsObject, pathsObject, pathItemObject,
	operationObject, docsObject, parameterObject, requestBodyObject, mediaTypeObject, encodingObject, responsesObject, responseObject,
	callbackObject, exampleObject, linkObject, headerObject, tagObject, schemaObject, discriminatorObject, xmlObject, securityScheme,
	flowsObject, flowObject, requirementObject,
}

func required30(o *object) (out []string) {
	for name, f := range o.fields {
		if f.required {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func required31(o *object) []string {
	return slices.DeleteFunc(required30(o), func(name string) bool {
		f, other := o.in31[name]
		return other && !f.required
	})
}

// referable are the objects with a section under components.
var referable = []*object{
	callbackObject, exampleObject, headerObject, linkObject, parameterObject, requestBodyObject, responseObject, schemaObject, securityScheme,
}

func isStatus(s string) bool {
	if len(s) != 3 || s[0] < '1' || s[0] > '5' {
		return false
	}
	digit := func(b byte) bool { return b >= '0' && b <= '9' }
	return digit(s[1]) && digit(s[2]) || s[1:] == "XX"
}
