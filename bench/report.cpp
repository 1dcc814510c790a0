#include "bench/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace mcp::bench {
namespace {

namespace json = boost::json;

constexpr double percentiles[] = {50, 90, 99, 99.9};

double ms(std::uint64_t nanoseconds) {
  return static_cast<double>(nanoseconds) / 1e6;
}

double mib(std::uint64_t bytes) {
  return static_cast<double>(bytes) / (1 << 20);
}

struct point {
  double x, y;
};

/// The first of 1, 2, 2.5 or 5 times a power of ten that is not less.
double round_up(double v) {
  const auto power = std::pow(10, std::floor(std::log10(v)));
  for (const auto digit : {1.0, 2.0, 2.5, 5.0})
    if (digit * power >= v)
      return digit * power;
  return 10 * power;
}

/// A line from the left to the right edge, with a dot on each of few points;
/// values start at 0, in steps that read well.
std::string plot(std::string_view title, std::string_view unit,
                 const std::vector<point>& points,
                 const std::vector<std::pair<double, std::string>>& marks) {
  constexpr double width = 720, height = 250;
  constexpr double left = 64, right = width - 24, top = 12, bottom = 220;
  double highest = 0, last = 1e-9;
  for (const auto& p : points) {
    highest = std::max(highest, p.y);
    last = std::max(last, p.x);
  }
  const auto step = round_up(highest > 0 ? highest / 5 : 0.2);
  const auto steps = std::max(1.0, std::ceil(highest / step));
  const auto x = [&](double v) { return left + v / last * (right - left); };
  const auto y = [&](double v) {
    return bottom - v / (step * steps) * (bottom - top);
  };
  std::string out =
    fmt::format("<h2>{0}, {1}</h2><svg viewBox='0 0 {2} {3}' role='img' "
                "aria-label='{0}, {1}'>",
                title, unit, width, height);
  for (double i = 0; i <= steps; ++i)
    out += fmt::format("<line x1='{0}' x2='{1}' y1='{2:.1f}' y2='{2:.1f}'/>"
                       "<text x='{3}' y='{4:.1f}' text-anchor='end'>{5:.12g}"
                       "</text>",
                       left, right, y(step * i), left - 6, y(step * i) + 4,
                       step * i);
  for (const auto& [at, text] : marks)
    out += fmt::format("<text x='{:.1f}' y='{}' text-anchor='middle'>{}</text>",
                       x(at), bottom + 18, text);
  std::string line;
  for (const auto& p : points)
    line += fmt::format("{:.1f},{:.1f} ", x(p.x), y(p.y));
  out += "<polyline points='" + line + "'/>";
  if (points.size() <= 20)
    for (const auto& p : points)
      out +=
        fmt::format("<circle cx='{:.1f}' cy='{:.1f}' r='3'/>", x(p.x), y(p.y));
  return out + "</svg>";
}

} // namespace

json::object to_json(const load_result& r) {
  json::object times{{"mean", r.times.mean() / 1e6}};
  for (const auto p : percentiles)
    times[fmt::format("p{:g}", p)] = ms(r.times.at(p));
  times["max"] = ms(r.times.max());
  json::object errors;
  for (const auto& [kind, count] : r.errors)
    errors[kind] = count;
  json::array course;
  for (const auto& second : r.course)
    course.push_back(
      json::object{{"answers", second.answers}, {"rss", second.rss}});
  return {{"right", r.right},
          {"rate", r.rate()},
          {"seconds", r.seconds},
          {"latency_ms", std::move(times)},
          {"errors", std::move(errors)},
          {"bytes", r.bytes},
          {"sessions", r.sessions},
          {"setup_seconds", r.setup_seconds},
          {"rss_before", r.rss_before},
          {"rss_open", r.rss_open},
          {"rss_after", r.rss_after},
          {"cpu_seconds", r.cpu_seconds},
          {"course", std::move(course)}};
}

json::object to_json(const stream_result& r) {
  return {{"open", r.open},
          {"setup_seconds", r.setup_seconds},
          {"rss_before", r.rss_before},
          {"rss_open", r.rss_open},
          {"reached", r.reached},
          {"notify_seconds", r.notify_seconds}};
}

std::string to_text(std::string_view scenario, const load_result& r) {
  std::string out = fmt::format(
    "{}: {} right answers in {:.2f} s: {:.0f}/s, {} wrong or lost\n"
    "  latency ms: p50 {:.3f}  p90 {:.3f}  p99 {:.3f}  p99.9 {:.3f}  "
    "max {:.3f}  mean {:.3f}\n",
    scenario, r.right, r.seconds, r.rate(), r.failures(), ms(r.times.at(50)),
    ms(r.times.at(90)), ms(r.times.at(99)), ms(r.times.at(99.9)),
    ms(r.times.max()), r.times.mean() / 1e6);
  for (const auto& [kind, count] : r.errors)
    out += fmt::format("  {}: {}\n", kind, count);
  if (r.sessions)
    out += fmt::format("  {} sessions, opened in {:.2f} s\n", r.sessions,
                       r.setup_seconds);
  if (r.rss_after) {
    out += fmt::format("  server: {:.1f} MiB before, ", mib(r.rss_before));
    if (r.rss_open)
      out += fmt::format("{:.1f} with the sessions, ", mib(r.rss_open));
    out += fmt::format("{:.1f} after; {:.2f} CPU seconds\n", mib(r.rss_after),
                       r.cpu_seconds);
  }
  return out;
}

std::string to_text(const stream_result& r) {
  auto out =
    fmt::format("streams: {} open after {:.2f} s\n", r.open, r.setup_seconds);
  if (r.rss_open)
    out += fmt::format("  server: {:.1f} MiB before, {:.1f} with them: {:.1f} "
                       "KiB each\n",
                       mib(r.rss_before), mib(r.rss_open),
                       (double(r.rss_open) - double(r.rss_before)) / 1024
                         / double(std::max<std::uint64_t>(1, r.open)));
  if (r.reached)
    out += fmt::format("  a notification reached {} of them in {:.3f} s\n",
                       r.reached, r.notify_seconds);
  return out;
}

std::string to_html(std::string_view scenario, const load_result& r) {
  std::vector<point> latency;
  for (double nines = 0; nines <= 4; nines += 0.05)
    latency.push_back(
      {nines, ms(r.times.at(100 * (1 - std::pow(10, -nines))))});
  std::vector<point> answers, memory;
  for (std::size_t i = 0; i < r.course.size(); ++i) {
    answers.push_back({double(i + 1), double(r.course[i].answers)});
    memory.push_back({double(i + 1), mib(r.course[i].rss)});
  }
  const std::vector<std::pair<double, std::string>> nines{
    {0.301, "50 %"}, {1, "90 %"}, {2, "99 %"}, {3, "99.9 %"}, {4, "99.99 %"}};
  std::vector<std::pair<double, std::string>> seconds{{0, "0 s"}};
  const auto length = r.course.size();
  for (const auto at : {length / 2, length})
    if (at > 0)
      seconds.push_back({double(at), fmt::format("{} s", at)});
  std::string text;
  for (const char c : to_text(scenario, r))
    text += c == '<' ? "&lt;" : c == '&' ? "&amp;" : std::string(1, c);
  std::string out =
    "<!doctype html><html lang='en'><meta charset='utf-8'>"
    "<meta name='viewport' content='width=device-width'>"
    "<title>mcp-bench</title><style>"
    "body{font:15px/1.5 system-ui,sans-serif;max-width:760px;margin:2em auto;"
    "padding:0 1em;color:#222;background:#fff}"
    "pre{background:#f4f4f4;padding:1em;white-space:pre-wrap}"
    "svg{width:100%;height:auto}"
    "svg line{stroke:#ddd}svg text{font-size:11px;fill:#666}"
    "svg polyline{fill:none;stroke:#b8860b;stroke-width:2}svg "
    "circle{fill:#b8860b}"
    "</style><h1>mcp-bench</h1><pre>"
    + text + "</pre>" + plot("Latency by percentile", "ms", latency, nines)
    + plot("Answers", "per second", answers, seconds);
  if (r.rss_after)
    out += plot("The server's memory", "MiB", memory, seconds);
  return out + "</html>";
}

} // namespace mcp::bench
