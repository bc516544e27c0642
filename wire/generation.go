package wire

// The handshake with generated code. A generated package names the generation
// that it belongs to in a constant declaration, which only compiles with a run
// time of the same generation; the compiler's own message says what to do. The
// rule for the next change that old code cannot live with: the constant below
// becomes a variable, as the older ones in package dispatch, and a new constant
// takes its place.

// Generation is the number of the generation, for people.
const Generation = Generation6_WhenUndefined_RunGoGet_GithubComBanyanGoBanyan_Latest

// Generation6_WhenUndefined_RunGoGet_GithubComBanyanGoBanyan_Latest is the
// generation of this run time. An older run time does not have it, and the
// compiler names it as undefined.
const Generation6_WhenUndefined_RunGoGet_GithubComBanyanGoBanyan_Latest = 6

// RunBanyanGenerate_ThisCodeIsFromAnOlderBanyan is the type of what older
// generations name: it is no constant, and the compiler prints it.
type RunBanyanGenerate_ThisCodeIsFromAnOlderBanyan struct{}

// These are what code of older generations names: of the third, of the fourth, whose
// receivers did not check what they got, and of the fifth, which had a function for
// each operation to serve it.
var (
	Generation3_WhenUndefined_RunGoGet_GithubComBanyanGoBanyan_Latest RunBanyanGenerate_ThisCodeIsFromAnOlderBanyan
	Generation4_WhenUndefined_RunGoGet_GithubComBanyanGoBanyan_Latest RunBanyanGenerate_ThisCodeIsFromAnOlderBanyan
	Generation5_WhenUndefined_RunGoGet_GithubComBanyanGoBanyan_Latest RunBanyanGenerate_ThisCodeIsFromAnOlderBanyan
)
