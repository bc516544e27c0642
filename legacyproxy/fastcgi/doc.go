// Package fastcgi speaks FastCGI to php-fpm, as a web server does, behind the
// interface of an HTTP transport.
//
// A Client is one address. Its Applications are layouts of scripts; each is an
// http.RoundTripper that turns a request into parameters, runs the script and
// gives its output as an HTTP answer. A request is sent once or not at all, with
// one exception below.
//
// php-fpm serves one request per connection at a time, and a connection that
// idles still occupies one of its children. So the client dials for each
// request, unless it is told to keep a few connections, and lets go of those
// soon; and under load a request that ends hands its connection to the next.
//
// A connection that was used may turn out to have ended. It is therefore given
// only to requests that may be repeated: without a body, and by GET, HEAD,
// OPTIONS or TRACE; unsent.Single takes a request out of these. If not a byte
// of an answer comes, the request is sent once more, on a connection of its own.
//
// A body is read to its end before php-fpm hears of the request: a slow client
// occupies a buffer here and no child there.
package fastcgi
