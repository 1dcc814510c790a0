#include "server/logging.hpp"

#include <boost/json.hpp>
#include <spdlog/async.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace mcp {
namespace {

// Each has its place in memory from the start, 400 bytes of it.
constexpr std::size_t queued_lines = 256;

/// Texts whatever they look like: a session id may begin with digits alone.
constexpr std::array<std::string_view, 8> always_texts{
  "request", "session", "incident", "peer", "path", "reason", "tool", "label"};

/// A field's value with its own type: an integer, true, false, or a text.
boost::json::value typed(std::string_view name, std::string_view text) {
  if (std::find(always_texts.begin(), always_texts.end(), name)
      != always_texts.end())
    return boost::json::value(text);
  if (text == "true" || text == "false")
    return text == "true";
  std::int64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, number);
  // What would be written in another way, like 007, is no number.
  if (error == std::errc{} && last == end && std::to_string(number) == text)
    return number;
  return boost::json::value(text);
}

/// Takes the ` name=value` words off the end of a message, as our log lines
/// write their fields.
void take_fields(std::string_view& message, boost::json::object& line) {
  for (;;) {
    const auto space = message.rfind(' ');
    const auto word =
      space == message.npos ? std::string_view() : message.substr(space + 1);
    const auto equals = word.find('=');
    if (equals == word.npos || equals == 0)
      return;
    const auto name = word.substr(0, equals);
    line.emplace(name, typed(name, word.substr(equals + 1)));
    message = message.substr(0, space);
  }
}

/// {"time":"2025-01-31T12:00:00.123Z","level":"info","outcome":"ok",
///  "session":"AYLy...","request":"17.3","ms":84,...,"message":"call"}
class json_formatter : public spdlog::formatter {
public:
  json_formatter()
      : time_("%Y-%m-%dT%H:%M:%S.%eZ", spdlog::pattern_time_type::utc, "") {}

  void format(const spdlog::details::log_msg& msg,
              spdlog::memory_buf_t& out) override {
    spdlog::memory_buf_t time;
    time_.format(msg, time);
    const auto level = spdlog::level::to_string_view(msg.level);
    boost::json::object line{
      {"time", std::string_view(time.data(), time.size())},
      {"level", std::string_view(level.data(), level.size())}};
    std::string_view message(msg.payload.data(), msg.payload.size());
    take_fields(message, line);
    line.emplace("message", message);
    const auto text = boost::json::serialize(line);
    out.append(text.data(), text.data() + text.size());
    out.push_back('\n');
  }

  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<json_formatter>();
  }

private:
  spdlog::pattern_formatter time_;
};

} // namespace

void start_logging(const settings& s) {
  spdlog::init_thread_pool(queued_lines, 1);
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  auto logger = std::make_shared<spdlog::async_logger>(
    "server", sink, spdlog::thread_pool(),
    spdlog::async_overflow_policy::overrun_oldest);
  if (s.log_format == "json")
    logger->set_formatter(std::make_unique<json_formatter>());
  else
    logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %^%l%$ %v");
  logger->set_level(spdlog::level::from_str(s.log_level));
  logger->flush_on(spdlog::level::warn);
  spdlog::set_default_logger(std::move(logger));
  spdlog::flush_every(std::chrono::seconds(1));
}

void stop_logging() {
  spdlog::shutdown();
}

} // namespace mcp
