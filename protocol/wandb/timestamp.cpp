#include "protocol/wandb/timestamp.hpp"

#include <chrono>
#include <cstdio>
#include <optional>

namespace mcp::wandb {
namespace {

using days = std::chrono::sys_days;

// Walks over the text. Every read gives nothing instead of going past the end.
class cursor {
public:
  explicit cursor(std::string_view text) : rest_(text) {}

  bool empty() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }

  bool skip(char c) {
    if (peek() != c || rest_.empty())
      return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Exactly `count` digits.
  std::optional<int> digits(std::size_t count) {
    if (rest_.size() < count)
      return std::nullopt;
    int value = 0;
    for (const char c : rest_.substr(0, count)) {
      if (c < '0' || c > '9')
        return std::nullopt;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

  /// One or more digits as millionths; those after the sixth are dropped.
  std::optional<int> fraction() {
    int value = 0;
    std::size_t count = 0;
    for (; !rest_.empty() && peek() >= '0' && peek() <= '9'; ++count) {
      if (count < 6)
        value = value * 10 + (peek() - '0');
      rest_.remove_prefix(1);
    }
    if (count == 0)
      return std::nullopt;
    for (; count < 6; ++count)
      value *= 10;
    return value;
  }

private:
  std::string_view rest_;
};

std::optional<days> read_week_date(cursor& in, int year, bool dashes) {
  const auto week = in.digits(2);
  if (!week || *week < 1)
    return std::nullopt;
  int weekday = 1;
  if (dashes ? in.skip('-') : in.peek() >= '1' && in.peek() <= '7') {
    const auto d = in.digits(1);
    if (!d || *d < 1 || *d > 7)
      return std::nullopt;
    weekday = *d;
  }
  // Week 1 is the one that holds January 4th.
  const auto monday_of_week_1 = [](int y) {
    const days fourth = std::chrono::year(y) / 1 / 4;
    return fourth - (std::chrono::weekday(fourth) - std::chrono::Monday);
  };
  const auto monday =
    monday_of_week_1(year) + std::chrono::days(7 * (*week - 1));
  if (monday >= monday_of_week_1(year + 1))
    return std::nullopt; // week 53 of a year that has 52
  return monday + std::chrono::days(weekday - 1);
}

std::optional<days> read_date(cursor& in) {
  const auto year = in.digits(4);
  if (!year || *year < 1)
    return std::nullopt;
  const bool dashes = in.skip('-');
  if (in.skip('W'))
    return read_week_date(in, *year, dashes);
  const auto month = in.digits(2);
  if (!month || (dashes && !in.skip('-')))
    return std::nullopt;
  const auto day = in.digits(2);
  if (!day)
    return std::nullopt;
  const auto date = std::chrono::year(*year)
                    / std::chrono::month(static_cast<unsigned>(*month))
                    / std::chrono::day(static_cast<unsigned>(*day));
  if (!date.ok())
    return std::nullopt;
  return days(date);
}

struct clock_time {
  int seconds = 0;
  int micros = 0;
};

// hh[[:]mm[[:]ss[(.|,)f+]]]; the first separator decides for the second.
std::optional<clock_time> read_clock(cursor& in) {
  clock_time out;
  const auto hour = in.digits(2);
  if (!hour || *hour > 23)
    return std::nullopt;
  out.seconds = *hour * 3600;
  const bool colons = in.skip(':');
  const auto more = [&] { return in.peek() >= '0' && in.peek() <= '9'; };
  if (!colons && !more())
    return out;
  const auto minute = in.digits(2);
  if (!minute || *minute > 59)
    return std::nullopt;
  out.seconds += *minute * 60;
  if (colons ? !in.skip(':') : !more())
    return out;
  const auto second = in.digits(2);
  if (!second || *second > 59)
    return std::nullopt;
  out.seconds += *second;
  if (!in.skip('.') && !in.skip(','))
    return out;
  const auto fraction = in.fraction();
  if (!fraction)
    return std::nullopt;
  out.micros = *fraction;
  return out;
}

std::optional<timestamp> read(cursor& in) {
  const auto date = read_date(in);
  if (!date)
    return std::nullopt;
  timestamp out;
  out.seconds = std::int64_t(date->time_since_epoch().count()) * 86400;
  if (in.empty())
    return out;
  if (!in.skip('T') && !in.skip(' '))
    return std::nullopt;
  const auto time = read_clock(in);
  if (!time)
    return std::nullopt;
  out.seconds += time->seconds;
  out.micros = time->micros;
  if (in.empty() || in.skip('Z'))
    return out;
  const bool east = in.peek() == '+';
  if (!in.skip('+') && !in.skip('-'))
    return std::nullopt;
  const auto offset = read_clock(in);
  if (!offset)
    return std::nullopt;
  out.seconds += east ? -offset->seconds : offset->seconds;
  out.micros += east ? -offset->micros : offset->micros;
  if (out.micros < 0) {
    out.micros += 1'000'000;
    --out.seconds;
  } else if (out.micros >= 1'000'000) {
    out.micros -= 1'000'000;
    ++out.seconds;
  }
  return out;
}

} // namespace

result<timestamp> parse_timestamp(std::string_view text) {
  cursor in(text);
  auto out = read(in);
  if (!out || !in.empty())
    return failure{.code = errc::bad_argument,
                   .message = "not an ISO 8601 time such as "
                              "\"2025-02-01\" or \"2025-02-01T10:00:00Z\""};
  return *out;
}

std::string format_timestamp(const timestamp& t) {
  const auto instant =
    std::chrono::sys_seconds(std::chrono::seconds(t.seconds));
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(instant - day);
  char out[64];
  const auto length = std::snprintf(
    out, sizeof out, "%04d-%02u-%02uT%02d:%02d:%02d", int(date.year()),
    unsigned(date.month()), unsigned(date.day()), int(time.hours().count()),
    int(time.minutes().count()), int(time.seconds().count()));
  std::string text(out, static_cast<std::size_t>(length));
  if (t.micros != 0) {
    std::snprintf(out, sizeof out, ".%06d", int(t.micros));
    text += out;
  }
  return text + "Z";
}

} // namespace mcp::wandb
