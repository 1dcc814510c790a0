#pragma once

#include "tools/tool.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace mcp::tools {

/// Says whether a scripted answer is meant for a request.
using request_matcher = std::function<bool(const upstream_request&)>;

/// Requests for `path` whose body holds `body_part` ("" for any body).
inline request_matcher at(std::string path, std::string body_part = {}) {
  return [=](const upstream_request& r) {
    return r.path == path && r.body.find(body_part) != std::string::npos;
  };
}

/// Gives line number n of a streamed answer, nothing after the last one.
using line_source = std::function<std::optional<std::string>(std::size_t n)>;

/// One scripted answer. The first one that matches and is not used up counts.
struct scripted_answer {
  request_matcher matches;
  std::function<upstream_result(upstream_request&)> answer; // empty: never
  std::size_t uses_left = std::numeric_limits<std::size_t>::max();

  /// For answers that change: script several, each for so many requests.
  scripted_answer& times(std::size_t n) {
    uses_left = n;
    return *this;
  }
};

struct progress_note {
  double done = 0;
  std::optional<double> total;
  std::string message;
};

// A base, because call_context wants a reference to limits that exist.
struct fake_limits {
  call_limits values;
};

/// A call whose upstream is a script. Nothing is answered from inside `send`:
/// answers go out from `pump`, one at a time, as the call's actor would.
class fake_context : private fake_limits, public call_context {
public:
  fake_context() : call_context(values) { values.app_url = "https://wandb.ai"; }

  /// To change before the call starts.
  call_limits& settings() { return values; }

  // The script.

  scripted_answer&
  answer(request_matcher m,
         std::function<upstream_result(upstream_request&)> how) {
    return script_.emplace_back(scripted_answer{std::move(m), std::move(how)});
  }

  /// A 200 with this body.
  scripted_answer& reply(request_matcher m, std::string body) {
    return answer(std::move(m), [body](upstream_request&) -> upstream_result {
      upstream_reply r;
      r.body = std::make_shared<const std::string>(body);
      return r;
    });
  }

  /// A 200 whose body is fed to the request's row_reader line by line; after
  /// the last line it fails with `cut`, when that is given.
  scripted_answer& reply_lines(request_matcher m, line_source lines,
                               std::optional<failure> cut = {}) {
    return answer(std::move(m),
                  [=, this](upstream_request& r) -> upstream_result {
                    return feed(r, lines, cut);
                  });
  }

  scripted_answer& reply_rows(request_matcher m, std::vector<std::string> lines,
                              std::optional<failure> cut = {}) {
    auto source = [lines](std::size_t n) -> std::optional<std::string> {
      if (n < lines.size())
        return lines[n];
      return std::nullopt;
    };
    return reply_lines(std::move(m), source, std::move(cut));
  }

  scripted_answer& fail(request_matcher m, failure why) {
    return answer(std::move(m),
                  [why](upstream_request&) -> upstream_result { return why; });
  }

  /// Never answered: the call goes on waiting.
  scripted_answer& stay_silent(request_matcher m) {
    return answer(std::move(m), nullptr);
  }

  // Running.

  /// Answers what was sent, until nothing that can be answered is left.
  void pump() {
    while (!queue_.empty()) {
      const auto id = queue_.front();
      queue_.pop_front();
      if (abandoned_ids.count(id) == 0)
        answer_one(id);
    }
  }

  /// Runs a task to its end; throws what it throws.
  template <class T>
  T drive(task<T> running) {
    running.start();
    pump();
    if (!running.done())
      throw std::logic_error("the task waits for an answer not in the script");
    return running.take();
  }

  /// Runs a tool with arguments as they would come out of validation.
  tool_result run(const tool& t, json::object args) {
    return drive(t.run(*this, arguments(std::move(args))));
  }

  // What happened.

  std::vector<upstream_request> requests; // in the order sent
  std::set<std::uint64_t> abandoned_ids;
  std::vector<progress_note> notes;
  std::size_t lines_fed = 0;

  std::size_t count_of(std::string_view path) const {
    return static_cast<std::size_t>(
      std::count_if(requests.begin(), requests.end(),
                    [&](const auto& r) { return r.path == path; }));
  }

  /// The JSON body of the n-th request for `path`.
  json::object body_of(std::string_view path, std::size_t n = 0) const {
    for (const auto& r : requests)
      if (r.path == path && n-- == 0)
        return json::parse(r.body).as_object();
    throw std::out_of_range("no such request: " + std::string(path));
  }

  /// What `time_left` says; each request answered takes `time_per_answer`.
  std::chrono::milliseconds time{std::chrono::hours(1)};
  std::chrono::milliseconds time_per_answer{0};

  std::chrono::milliseconds time_left() const override { return time; }

  std::chrono::system_clock::time_point wall_time() const override {
    return std::chrono::system_clock::time_point(
      std::chrono::seconds(1'750'000'000));
  }

  void progress(double done, std::optional<double> total,
                std::string message) override {
    notes.push_back({done, total, std::move(message)});
  }

protected:
  void send(std::uint64_t id, upstream_request request) override {
    note_document(request);
    auto recorded = request;
    recorded.rows = nullptr; // a record must not keep a reader alive
    requests.push_back(std::move(recorded));
    sent_.emplace_back(id, std::move(request));
    queue_.push_back(id);
  }

  void abandon(std::uint64_t id) override {
    abandoned_ids.insert(id);
    std::erase_if(sent_, [id](const auto& s) { return s.first == id; });
  }

private:
  /// Writes each GraphQL request once, as a line, into the file that
  /// MCP_RECORD_DOCUMENTS names: another suite holds them against a schema.
  static void note_document(const upstream_request& request) {
    static const char* const file = std::getenv("MCP_RECORD_DOCUMENTS");
    if (!file || request.path != "/graphql")
      return;
    static std::set<std::string> seen;
    static std::ofstream out(file);
    if (seen.insert(request.body).second)
      out << request.body << '\n';
  }

  void answer_one(std::uint64_t id) {
    auto it = std::find_if(sent_.begin(), sent_.end(),
                           [id](const auto& s) { return s.first == id; });
    if (it == sent_.end())
      return;
    for (auto& s : script_) {
      if (s.uses_left == 0 || !s.matches(it->second))
        continue;
      --s.uses_left;
      time -= time_per_answer;
      if (!s.answer)
        return;
      auto request = std::move(it->second);
      sent_.erase(it);
      auto outcome = s.answer(request);
      request.rows = nullptr;
      deliver(id, std::move(outcome));
      return;
    }
    const auto path = it->second.path;
    sent_.erase(it);
    deliver(id, failure{.code = errc::internal,
                        .message = "no scripted answer for " + path});
  }

  upstream_result feed(upstream_request& r, const line_source& lines,
                       const std::optional<failure>& cut) {
    upstream_reply reply;
    reply.body = std::make_shared<const std::string>();
    try {
      std::string padded;
      for (std::size_t n = 0; auto line = lines(n); ++n) {
        padded.assign(*line);
        padded.append(64, '\0');
        ++lines_fed;
        if (!r.rows->row(std::string_view(padded).substr(0, line->size()))) {
          reply.complete = false;
          return reply;
        }
      }
    } catch (const failure_exception& e) {
      return e.reason;
    }
    if (cut)
      return *cut;
    return reply;
  }

  std::deque<scripted_answer> script_;
  std::deque<std::uint64_t> queue_;
  std::vector<std::pair<std::uint64_t, upstream_request>> sent_;
};

} // namespace mcp::tools
