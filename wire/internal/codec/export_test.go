package codec

// What the tests compare with.
var (
	EncodeOptions = encodeOptions
	TimeOptions   = timeOptions
)
