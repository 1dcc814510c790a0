// mcp-bench-stub: a W&B that always knows the answer, as fast or as slow as it
// is told.
#include "net/http_server.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/field.hpp>

#include <csignal>
#include <cstdio>
#include <random>
#include <thread>

namespace {

namespace asio = boost::asio;
namespace net = mcp::net;
using mcp::net::exchange;
using mcp::net::http_request;

struct manners {
  double latency_ms = 0;
  double jitter_ms = 0;
  double failure_rate = 0; // of 1; answered 503
  std::size_t rows = 0;    // of a trace answer
};

std::shared_ptr<const std::string> share(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

/// One page of projects, for every entity the same.
const auto graphql_answer = share(
  R"({"data":{"models":{"pageInfo":{"endCursor":null,"hasNextPage":false},)"
  R"("edges":[{"node":{"name":"bench-project","entityName":"bench",)"
  R"("description":"","access":"PRIVATE","createdAt":"2026-01-01T00:00:00Z",)"
  R"("updatedAt":"2026-01-01T00:00:00Z"}}]}}})");

/// A conversation with a model, as traces hold them: 4.5 KB.
std::string conversation() {
  std::string out = "[";
  for (int i = 0; i < 15; ++i) {
    if (i > 0)
      out += ',';
    out += R"({"role":"user","content":")";
    for (int j = 0; j < 6; ++j)
      out += R"(The \"loss\" of step 1200 is 0.0731, which is low.\n)";
    out += R"("})";
  }
  return out + "]";
}

std::string trace_rows(std::size_t count) {
  const auto messages = conversation();
  std::string out;
  out.reserve(count * (messages.size() + 400));
  for (std::size_t i = 0; i < count; ++i)
    out += R"({"id":"call-)" + std::to_string(i)
           + R"(","project_id":"bench/bench-project","op_name":)"
             R"("weave:///bench/bench-project/op/predict:v0","trace_id":"t",)"
             R"("started_at":"2026-01-01T00:00:00Z","ended_at":)"
             R"("2026-01-01T00:00:01Z","attributes":{},"inputs":{"messages":)"
           + messages + R"(},"output":{"text":"y"},)"
           + R"("summary":{"usage":{}}})" + "\n";
  return out;
}

class answering : public net::connection_handler {
public:
  answering(asio::io_context& io, const manners& how,
            std::shared_ptr<const std::string> rows)
      : io_(io), how_(how), rows_(std::move(rows)) {}

  void on_request(http_request request,
                  std::shared_ptr<exchange> via) override {
    auto r = answer_to(request);
    const auto wait =
      how_.latency_ms
      + how_.jitter_ms * std::uniform_real_distribution<>()(random_);
    if (wait <= 0)
      return via->respond(std::move(r));
    auto timer = std::make_shared<asio::steady_timer>(
      io_, std::chrono::microseconds(static_cast<std::int64_t>(wait * 1000)));
    timer->async_wait([timer, via = std::move(via), r = std::move(r)](auto) {
      via->respond(r);
    });
  }
  void on_abort() override {}

private:
  net::http_response answer_to(const http_request& request) {
    net::http_response r;
    r.content_type = "application/json";
    if (how_.failure_rate > 0
        && std::uniform_real_distribution<>()(random_) < how_.failure_rate) {
      r.status = boost::beast::http::status::service_unavailable;
      r.body = share(R"({"error":"busy"})");
    } else if (request.target.find("/stream_query") != std::string::npos) {
      r.content_type = "application/jsonl";
      r.body = rows_;
    } else if (request.target.find("/calls/query_stats") != std::string::npos) {
      r.body = share(R"({"count":)" + std::to_string(how_.rows) + "}");
    } else {
      r.body = graphql_answer;
    }
    return r;
  }

  asio::io_context& io_;
  const manners& how_;
  std::shared_ptr<const std::string> rows_;
  thread_local static std::mt19937_64 random_;
};
thread_local std::mt19937_64 answering::random_{1};

} // namespace

int main(int argc, char** argv) {
  manners how;
  std::uint16_t port = 0;
  CLI::App app("A W&B to measure against: answers everything with the same.");
  app.add_option("--port", port, "0: any free one");
  app.add_option("--latency", how.latency_ms, "milliseconds");
  app.add_option("--jitter", how.jitter_ms, "at most that much more");
  app.add_option("--failure_rate", how.failure_rate, "0 to 1, answered 503");
  app.add_option("--rows", how.rows, "of a trace answer, 5 KB each");
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGPIPE, SIG_IGN);
  const auto rows = share(trace_rows(how.rows));

  asio::io_context io(1);
  net::http_server_options options;
  options.max_connections = 100'000;
  options.idle_timeout = std::chrono::minutes(10);
  net::http_server server(
    io, {asio::ip::address_v4::loopback(), port}, options,
    [&] { return std::make_unique<answering>(io, how, rows); },
    std::make_shared<std::atomic<std::size_t>>(0));
  std::printf("{\"url\":\"http://127.0.0.1:%u\"}\n",
              unsigned{server.endpoint().port()});
  std::fflush(stdout);
  asio::signal_set signals(io, SIGTERM, SIGINT);
  signals.async_wait([&](auto, int) {
    server.close_all();
    io.stop();
  });
  io.run();
}
