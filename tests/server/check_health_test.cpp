#include "server/check_health.hpp"

#include "tests/catch.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>

#include <thread>

using boost::asio::ip::tcp;

namespace {

/// A server for one connection, which sends `answer` to whatever it is asked.
class one_answer {
public:
  explicit one_answer(std::string answer)
    : acceptor_(io_, {boost::asio::ip::address_v4::loopback(), 0}),
      thread_([this, text = std::move(answer)] {
        auto socket = acceptor_.accept();
        boost::asio::streambuf head;
        boost::system::error_code ignored;
        boost::asio::read_until(socket, head, "\r\n\r\n", ignored);
        boost::asio::write(socket, boost::asio::buffer(text), ignored);
        // Stays open until the client leaves.
        boost::asio::read_until(socket, head, "never", ignored);
      }) {}
  ~one_answer() { thread_.join(); }
  [[nodiscard]] std::uint16_t port() const {
    return acceptor_.local_endpoint().port();
  }

private:
  boost::asio::io_context io_;
  tcp::acceptor acceptor_;
  std::thread thread_;
};

std::string answer_of(const std::string& status, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: "
         + std::to_string(body.size()) + "\r\n\r\n" + body;
}

} // namespace

TEST_CASE("a server that answers /health with 200 is healthy") {
  const one_answer server(answer_of("200 OK", R"({"status":"ok"})"));
  const auto found = mcp::check_health("127.0.0.1", server.port());
  CHECK(found.healthy);
  CHECK(found.what == R"(200 {"status":"ok"})");
}

TEST_CASE("a server on all interfaces is asked on loopback") {
  const one_answer server(answer_of("200 OK", "{}"));
  CHECK(mcp::check_health("0.0.0.0", server.port()).healthy);
}

TEST_CASE("a server that is stopping is not healthy") {
  const one_answer server(answer_of("503 Service Unavailable", "stopping"));
  const auto found = mcp::check_health("localhost", server.port());
  CHECK_FALSE(found.healthy);
  CHECK(found.what == "503 stopping");
}

TEST_CASE("a server that says nothing is not healthy") {
  const one_answer server("");
  const auto found = mcp::check_health("127.0.0.1", server.port(),
                                       std::chrono::milliseconds(50));
  CHECK_FALSE(found.healthy);
  CHECK(found.what.find("timeout") != std::string::npos);
}

TEST_CASE("nobody at the port is not healthy, and says so") {
  boost::asio::io_context io;
  tcp::acceptor held(io, {boost::asio::ip::address_v4::loopback(), 0});
  const auto port = held.local_endpoint().port();
  held.close();
  const auto found = mcp::check_health("127.0.0.1", port);
  CHECK_FALSE(found.healthy);
  CHECK(found.what.find("refused") != std::string::npos);
}
