package dispatch

// The first two generations of generated code named this package in their
// handshake; the one of today is in package wire.

// RunBanyanGenerate_ThisCodeIsFromAnOlderBanyan is the type of what older
// generations name: it is no constant, and the compiler prints it.
type RunBanyanGenerate_ThisCodeIsFromAnOlderBanyan struct{}

// These are what code of the older generations names.
var (
	GeneratedV1                                                       RunBanyanGenerate_ThisCodeIsFromAnOlderBanyan
	Generation2_WhenUndefined_RunGoGet_GithubComBanyanGoBanyan_Latest RunBanyanGenerate_ThisCodeIsFromAnOlderBanyan
)
