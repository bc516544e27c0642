package wire

// The handshake with generated code. A generated package names the generation
// that it belongs to in a constant declaration, which only compiles with a run
// time of the same generation; the compiler's own message says what to do. The
// rule for the next change that old code cannot live with: the constant below
// becomes a variable, as the older ones in package dispatch, and a new constant
// takes its place.

// Generation is the number of the generation, for people.
const Generation = Generation4_WhenUndefined_RunGoGet_GithubComBanyanGoBanyan_Latest

// Generation4_WhenUndefined_RunGoGet_GithubComBanyanGoBanyan_Latest is the
// generation of this run time. An older run time does not have it, and the
// compiler names it as undefined.
const Generation4_WhenUndefined_RunGoGet_GithubComBanyanGoBanyan_Latest = 4

// RunBanyanGenerate_ThisCodeIsFromAnOlderBanyan is the type of what older
// generations name: it is no constant, and the compiler prints it.
type RunBanyanGenerate_ThisCodeIsFromAnOlderBanyan struct{}

// Generation3_WhenUndefined_RunGoGet_GithubComBanyanGoBanyan_Latest is what code
// of the third generation names.
var Generation3_WhenUndefined_RunGoGet_GithubComBanyanGoBanyan_Latest RunBanyanGenerate_ThisCodeIsFromAnOlderBanyan
