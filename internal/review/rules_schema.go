package review

// Whom a change of a schema breaks hangs on who sends the values: less that is
// valid breaks clients that send, more that is valid breaks clients that read.
const (
	whyNarrow = "Clients that send what is not valid any more are refused. Clients that only read are not touched."
	whyWide   = "Clients that read meet values that they do not know. Clients that only send are not touched."
	whyEither = "Where less is valid, clients that send are refused; where more is valid, clients that read meet values that they do not know."
)

// schemaRules are about values.
var schemaRules = []rule{
	{id: "type-changed", summary: "The type of a value changed.", why: whyEither, before: "size: {type: integer}", after: "size: {type: string}", rewrite: "size: {type: integer, deprecated: true}\nsizeText: {type: string}", decode: true},
	{id: "null-added", summary: "A value may be null.", why: whyWide, before: "note: {type: string}", after: "note: {type: string, nullable: true}", rewrite: "# leave the property out instead, if it is optional", decode: true},
	{id: "null-removed", summary: "A value may not be null any more.", why: whyNarrow, before: "note: {type: string, nullable: true}", after: "note: {type: string}", rewrite: "note: {type: string, nullable: true}"},
	{id: "enum-added", summary: "Only listed values are valid.", why: whyNarrow, before: "kind: {type: string}", after: "kind: {type: string, enum: [a, b]}", rewrite: "kind: {type: string}   # and say in the description what is known"},
	{id: "enum-removed", summary: "Values need not be listed any more.", why: whyWide, before: "kind: {type: string, enum: [a, b]}", after: "kind: {type: string}", rewrite: "# a new property for open values"},
	{id: "enum-value-added", summary: "A further value is valid.", why: whyWide, before: "kind: {enum: [a, b]}", after: "kind: {enum: [a, b, c]}", rewrite: "# a new property that may hold c; clients that know it ask for it", minor: true},
	{id: "enum-value-removed", summary: "A value is not valid any more.", why: whyNarrow, before: "kind: {enum: [a, b]}", after: "kind: {enum: [a]}", rewrite: "kind: {enum: [a, b]}   # keep taking b, and treat it like a"},
	{id: "limit-tightened", summary: "A bound, a length or a number of items is tighter.", why: whyNarrow, before: "name: {maxLength: 100}", after: "name: {maxLength: 50}", rewrite: "name: {maxLength: 100}"},
	{id: "limit-loosened", summary: "A bound, a length or a number of items is looser.", why: whyWide, before: "name: {maxLength: 50}", after: "name: {maxLength: 100}", rewrite: "# two schemas: a loose one for requests, the tight one for answers"},
	{id: "pattern-changed", summary: "The pattern of a text changed.", why: "A pattern that is new refuses values, one that is gone lets more through; two patterns cannot be compared by machine.", before: "code: {pattern: \"^[A-Z]+$\"}", after: "code: {pattern: \"^[A-Z0-9]+$\"}"},
	{id: "content-changed", summary: "A text holds something else, or in another code (contentMediaType, contentEncoding).", why: "Whoever decodes it in the old way gets something else, or nothing.", before: "photo: {type: string, contentEncoding: base64}", after: "photo: {type: string, contentEncoding: base64url}", rewrite: "photo: {type: string, contentEncoding: base64, deprecated: true}", decode: true},
	{id: "multiple-of-changed", summary: "A number must be a multiple of something else.", why: whyEither, before: "price: {multipleOf: 0.01}", after: "price: {multipleOf: 0.05}", rewrite: "price: {multipleOf: 0.01}"},
	{id: "format-changed", summary: "The format of a value changed.", why: "Values of one format are in general none of the other. Generated types follow the format.", before: "at: {type: string, format: date-time}", after: "at: {type: string, format: date}", rewrite: "at: {type: string, format: date-time}\nday: {type: string, format: date}", decode: true},
	{id: "unique-items-changed", summary: "Items of a list must differ, or need not any more.", why: whyEither, before: "tags: {type: array}", after: "tags: {type: array, uniqueItems: true}", rewrite: "tags: {type: array}"},
	{id: "default-changed", summary: "What a missing value means changed.", why: "Requests that leave it out pass, and do something else. Whether that matters a contract does not tell.", before: "limit: {default: 20}", after: "limit: {default: 50}", rewrite: "limit: {default: 20}"},
	{id: "read-only-changed", summary: "A value may only be read now, or may be sent as well.", why: "Clients that send what may only be read are refused.", before: "state: {type: string}", after: "state: {type: string, readOnly: true}", rewrite: "# ignore what clients send there"},
	{id: "write-only-changed", summary: "A value is only sent by clients now, or comes back as well.", why: "Clients that read it do not find it any more.", before: "token: {type: string}", after: "token: {type: string, writeOnly: true}", rewrite: "# send a placeholder until clients have moved", decode: true},
	{id: "schema-deprecated", summary: "A schema or property is deprecated, or not any more.", why: "It works as before.", before: "size: {type: integer}", after: "size: {type: integer, deprecated: true}"},
	{id: "schema-added", summary: "A component schema is new.", why: "By itself it is no change on the wire.", before: "schemas: {}", after: "schemas: {Address: {}}", minor: true},
	{id: "schema-removed", summary: "A component schema is gone.", why: "By itself it is no change on the wire. The generated type of its name is gone.", before: "schemas: {Address: {}}", after: "schemas: {}", rewrite: "schemas: {Address: {}}"},
	{id: "schema-renamed", summary: "A component schema is called otherwise and means the same.", why: "The wire does not show it. Code that names the generated type does not compile any more.", before: "schemas: {Address: {}}", after: "schemas: {PostalAddress: {}}", rewrite: "schemas:\n  PostalAddress: {x-go-name: Address}"},
	{id: "schema-reference-changed", summary: "A schema is referred to by another name, or written in place, and means the same.", why: "The wire does not show it. The generated type may have another name.", before: "home: {$ref: \"#/components/schemas/Address\"}", after: "home: {type: object, properties: {zip: {type: string}}}", rewrite: "home: {$ref: \"#/components/schemas/Address\"}"},
	{id: "not-changed", summary: "What not excludes changed.", why: whyEither, before: "name: {type: string}", after: "name: {type: string, not: {enum: [root]}}", rewrite: "name: {type: string}"},
	{id: "schema-not-compared", summary: "Schemas hold so much of each other that they are not compared.", why: "allOf and oneOf that refer to each other can describe more than can be looked at. What differs there, nobody has judged.", before: "A: {allOf: [{$ref: B}, {$ref: C}]}", after: "A: {allOf: [{$ref: B}, {$ref: D}]}"},
	{id: "condition-changed", summary: "A condition changed: if and then, contains, dependentRequired or the like.", why: "Conditions cannot be compared by machine.", before: "dependentRequired: {}", after: "dependentRequired: {card: [cvc]}"},
}

// objectRules are about properties and choices.
var objectRules = []rule{
	{id: "property-added", summary: "A property is new.", why: "Objects are open unless they say otherwise: clients that do not know it do not read it, and need not send it.", before: "properties: {name: {}}", after: "properties: {name: {}, nick: {}}", minor: true},
	{id: "required-property-added", summary: "A property is new and required.", why: "Clients that send the object and do not know the property are refused. Clients that read find more than before.", before: "properties: {name: {}}", after: "required: [nick]\nproperties: {name: {}, nick: {}}", rewrite: "properties: {name: {}, nick: {default: \"\"}}", minor: true},
	{id: "property-removed", summary: "A property is gone.", why: "Clients that count on a required one do not find it; where objects are closed, clients that send it are refused. The field of generated types is gone.", before: "properties: {name: {}, nick: {}}", after: "properties: {name: {}}", rewrite: "properties: {name: {}, nick: {deprecated: true}}", decode: true},
	{id: "property-became-required", summary: "A property is required now.", why: whyNarrow, before: "properties: {name: {}}", after: "required: [name]\nproperties: {name: {}}", rewrite: "properties: {name: {default: \"\"}}"},
	{id: "property-became-optional", summary: "A property is optional now.", why: whyWide, before: "required: [name]\nproperties: {name: {}}", after: "properties: {name: {}}", rewrite: "required: [name]\nproperties: {name: {}}", decode: true},
	{id: "additional-properties-changed", summary: "Other properties may come than before beside those declared.", why: whyEither, before: "additionalProperties: true", after: "additionalProperties: false", rewrite: "additionalProperties: true"},
	{id: "pattern-property-added", summary: "Properties whose names fit a pattern have a schema.", why: whyNarrow, before: "patternProperties: {}", after: "patternProperties: {\"^x-\": {type: string}}"},
	{id: "pattern-property-removed", summary: "Properties whose names fit a pattern are not described any more.", why: whyWide, before: "patternProperties: {\"^x-\": {type: string}}", after: "patternProperties: {}"},
	{id: "branch-added", summary: "oneOf or anyOf has a further branch.", why: whyWide, before: "oneOf: [Cat, Dog]", after: "oneOf: [Cat, Dog, Bird]", rewrite: "# two schemas: the wide one for requests, the narrow one for answers of old versions", minor: true, decode: true},
	{id: "branch-removed", summary: "A branch is gone from oneOf or anyOf.", why: whyNarrow, before: "oneOf: [Cat, Dog]", after: "oneOf: [Cat]", rewrite: "oneOf: [Cat, Dog]"},
	{id: "choice-widened", summary: "What was one schema is one of several.", why: whyWide, before: "pet: {$ref: Cat}", after: "pet: {oneOf: [Cat, Dog]}", rewrite: "pet: {$ref: Cat}\nanimal: {oneOf: [Cat, Dog]}", minor: true, decode: true},
	{id: "choice-narrowed", summary: "What was one of several schemas is one of them.", why: whyNarrow, before: "pet: {oneOf: [Cat, Dog]}", after: "pet: {$ref: Cat}", rewrite: "pet: {oneOf: [Cat, Dog]}"},
	{id: "choice-changed", summary: "A choice stands where none did, or another number of them.", why: "No branch means what stood there before, so that both sides have to be looked at.", before: "pet: {type: string}", after: "pet: {oneOf: [Cat, Dog]}", decode: true},
	{id: "choice-kind-changed", summary: "oneOf became anyOf, or the other way round.", why: "Values that fit several branches are judged otherwise.", before: "oneOf: [Cat, Dog]", after: "anyOf: [Cat, Dog]"},
	{id: "discriminator-added", summary: "Branches are told apart by a property.", why: whyNarrow, before: "oneOf: [Cat, Dog]", after: "oneOf: [Cat, Dog]\ndiscriminator: {propertyName: kind}"},
	{id: "discriminator-removed", summary: "Branches are not told apart by a property any more.", why: "Clients that look at it to choose a type cannot any more.", before: "oneOf: [Cat, Dog]\ndiscriminator: {propertyName: kind}", after: "oneOf: [Cat, Dog]", decode: true},
	{id: "discriminator-changed", summary: "Branches are told apart by another property.", why: "Both sides look at the wrong one.", before: "discriminator: {propertyName: kind}", after: "discriminator: {propertyName: type}", rewrite: "discriminator: {propertyName: kind}", decode: true},
	{id: "discriminator-value-added", summary: "A discriminator has a further value.", why: whyWide, before: "mapping: {cat: Cat}", after: "mapping: {cat: Cat, kitten: Cat}", minor: true, decode: true},
	{id: "discriminator-value-removed", summary: "A discriminator does not know a value any more.", why: whyNarrow, before: "mapping: {cat: Cat, kitten: Cat}", after: "mapping: {cat: Cat}", rewrite: "mapping: {cat: Cat, kitten: Cat}"},
	{id: "discriminator-value-changed", summary: "A value of a discriminator means another schema.", why: "Both sides read the object as something that it is not.", before: "mapping: {pet: Cat}", after: "mapping: {pet: Dog}", rewrite: "mapping: {pet: Cat, dog: Dog}", decode: true},
}
