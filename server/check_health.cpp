#include "server/check_health.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>


namespace mcp {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

asio::ip::address address_to_ask(const std::string& host) {
  if (host == "localhost")
    return asio::ip::address_v4::loopback();
  const auto address = asio::ip::make_address(host);
  if (!address.is_unspecified())
    return address;
  if (address.is_v6())
    return asio::ip::address_v6::loopback();
  return asio::ip::address_v4::loopback();
}

} // namespace

health check_health(const std::string& host, std::uint16_t port,
                    std::chrono::milliseconds patience) {
  asio::io_context io;
  boost::beast::tcp_stream stream(io);
  http::request<http::empty_body> ask{http::verb::get, "/health", 11};
  ask.set(http::field::host, "localhost");
  ask.set(http::field::connection, "close");
  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> answer;
  answer.body_limit(65'536);
  boost::system::error_code failed = asio::error::timed_out;

  // Asynchronous, because only that knows a deadline.
  stream.expires_after(patience);
  const auto done = [&](boost::system::error_code e) { failed = e; };
  try {
    stream.async_connect({address_to_ask(host), port}, [&](auto e) {
      if (e)
        return done(e);
      http::async_write(stream, ask, [&](auto sent, std::size_t) {
        if (sent)
          return done(sent);
        http::async_read(stream, buffer, answer,
                         [&](auto got, std::size_t) { done(got); });
      });
    });
    io.run();
  } catch (const boost::system::system_error& e) {
    failed = e.code();
  }
  if (failed)
    return {false, "no answer from " + host + ":" + std::to_string(port) + ": "
                     + failed.message()};
  const auto& r = answer.get();
  return {r.result() == http::status::ok,
          std::to_string(r.result_int()) + " " + r.body()};
}

} // namespace mcp
