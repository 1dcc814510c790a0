#include "net/http_client.hpp"

#include "net/curl_loop.hpp"
#include "net/curl_transfer.hpp"
#include "net/sigpipe.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

namespace mcp::net {

namespace asio = boost::asio;

namespace {

/// Idle handles kept for the next transfers, some 10 KB each. Making one anew
/// costs as much as a small transfer.
constexpr std::size_t max_spare = 256;

/// Connections of one curl multi handle, which looks through all of them for
/// each transfer. As many streams as one HTTP/2 connection usually has.
constexpr std::size_t loop_size = 64;

void initialize_curl() {
  // Once per process, thread-safe; never undone, as other users may remain.
  static const CURLcode done = [] {
    ignore_sigpipe(); // TLS writes to closed sockets
    return curl_global_init(CURL_GLOBAL_DEFAULT);
  }();
  static_cast<void>(done);
}

} // namespace

struct http_client::impl {
  impl(asio::io_context& context, http_client_options wanted)
      : io{context}, options{std::move(wanted)}, timer{io} {}

  ~impl() {
    for (const auto& loop : loops)
      loop->shut();
    *alive = false;
    for (auto& [id, transfer] : running)
      discard(*transfer);
    for (auto& transfer : cancelled)
      discard(*transfer);
    for (auto* easy : spare)
      curl_easy_cleanup(easy);
  }

  void discard(curl_transfer& transfer) {
    if (!transfer.easy)
      return;
    transfer.loop->remove(transfer.easy);
    curl_easy_cleanup(transfer.easy);
  }

  bool inside() const {
    return std::any_of(loops.begin(), loops.end(),
                       [](const auto& loop) { return loop->inside(); });
  }

  /// The first loop with room: so connections are reused, and HTTP/2 shared, as
  /// far as it goes.
  curl_loop& loop_with_room() {
    const auto room =
      std::find_if(loops.begin(), loops.end(),
                   [](const auto& loop) { return loop->size() < loop_size; });
    if (room != loops.end())
      return **room;
    const auto most =
      std::max<std::size_t>(1, options.max_connections_per_host / loop_size);
    if (loops.size() >= most)
      return **std::min_element(
        loops.begin(), loops.end(),
        [](const auto& a, const auto& b) { return a->size() < b->size(); });
    const auto connections =
      std::min(loop_size, options.max_connections_per_host);
    return *loops.emplace_back(std::make_shared<curl_loop>(
      io, static_cast<long>(connections),
      curl_loop::callbacks{
        .on_done = [this](CURL* easy, CURLcode code) { finish(easy, code); },
        .on_outside = [this] { catch_up(); }}));
  }

  transfer_id start(http_transfer what,
                    std::function<void(http_outcome)> on_done) {
    const auto id = ++last_id;
    auto transfer =
      std::make_unique<curl_transfer>(id, std::move(what), std::move(on_done));
    auto& added = *running.emplace(id, std::move(transfer)).first->second;
    dues.emplace(added.due, id);
    watch_dues();
    if (!added.is_sound())
      asio::post(io, [this, id, live = alive] {
        if (*live)
          refuse(id);
      });
    else if (inside())
      to_start.push_back(id);
    else
      begin(added);
    return id;
  }

  void begin(curl_transfer& transfer) {
    CURL* easy = nullptr;
    if (spare.empty()) {
      easy = curl_easy_init();
      if (!easy)
        throw std::bad_alloc{};
    } else {
      easy = spare.back();
      spare.pop_back();
    }
    transfer.set_up(easy, options);
    transfer.loop = &loop_with_room();
    transfer.loop->add(easy);
  }

  /// What was asked for while curl had its turn.
  void catch_up() {
    if (!to_start.empty()) {
      const auto ids = std::move(to_start);
      to_start.clear();
      for (const auto id : ids)
        if (const auto found = running.find(id); found != running.end())
          begin(*found->second);
    }
    for (auto& transfer : std::exchange(cancelled, {})) {
      transfer->loop->remove(transfer->easy);
      recycle(*transfer);
    }
  }

  void recycle(curl_transfer& transfer) {
    auto* const easy = std::exchange(transfer.easy, nullptr);
    if (spare.size() >= max_spare)
      return curl_easy_cleanup(easy);
    curl_easy_reset(easy);
    spare.push_back(easy);
  }

  void finish(CURL* easy, CURLcode code) {
    curl_transfer* ended = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &ended);
    auto node = take(ended->id);
    if (node.empty())
      return;
    auto& transfer = *node.mapped();
    // Its last line may be handed on only now, and may cancel it.
    ending = &transfer;
    auto outcome = transfer.outcome(code);
    ending = nullptr;
    const bool wanted = !transfer.is_silent();
    recycle(transfer);
    const auto on_done = std::move(transfer.on_done);
    node = {}; // credentials go before the answer is looked at
    if (wanted)
      on_done(std::move(outcome));
  }

  /// curl does not look at the time of transfers that it lets wait for a
  /// connection, so we do. `grace` leaves all others to curl. The timer is not
  /// set back for each transfer that ends in time: it finds nothing then.
  void watch_dues() {
    if (dues.empty() || dues.begin()->first + grace >= armed)
      return;
    armed = dues.begin()->first + grace;
    timer.expires_at(armed);
    timer.async_wait([this, live = alive](boost::system::error_code ec) {
      if (!ec && *live)
        end_overdue();
    });
  }

  void end_overdue() {
    armed = clock::time_point::max();
    const auto before = clock::now() - grace;
    const auto live = alive;
    while (*live && !dues.empty() && dues.begin()->first <= before) {
      auto node = take(dues.begin()->second);
      if (node.empty())
        continue;
      auto& transfer = *node.mapped();
      auto outcome =
        transfer.easy ? transfer.overdue() : curl_transfer::unsound();
      if (transfer.easy) {
        transfer.loop->remove(transfer.easy);
        recycle(transfer);
      }
      const auto on_done = std::move(transfer.on_done);
      node = {};
      on_done(std::move(outcome));
    }
    if (*live)
      watch_dues();
  }

  auto take(transfer_id id)
    -> std::unordered_map<transfer_id,
                          std::unique_ptr<curl_transfer>>::node_type {
    auto node = running.extract(id);
    if (!node.empty())
      dues.erase({node.mapped()->due, id});
    return node;
  }

  void refuse(transfer_id id) {
    auto node = take(id);
    if (!node.empty())
      node.mapped()->on_done(curl_transfer::unsound());
  }

  void cancel(transfer_id id) {
    if (ending && ending->id == id)
      ending->silence();
    auto node = take(id);
    if (node.empty() || !node.mapped()->easy)
      return;
    node.mapped()->silence();
    cancelled.push_back(std::move(node.mapped()));
    if (!inside())
      catch_up();
  }

  using clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds grace{20};

  asio::io_context& io;
  const http_client_options options;
  /// The transfers by their deadlines.
  std::set<std::pair<clock::time_point, transfer_id>> dues;
  asio::steady_timer timer;
  clock::time_point armed = clock::time_point::max();
  std::vector<std::shared_ptr<curl_loop>> loops;
  std::unordered_map<transfer_id, std::unique_ptr<curl_transfer>> running;
  std::vector<transfer_id> to_start;
  /// Still in curl's hands; removed when its turn is over.
  std::vector<std::unique_ptr<curl_transfer>> cancelled;
  curl_transfer* ending = nullptr;
  std::vector<CURL*> spare;
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);
  transfer_id last_id = 0;
};

http_client::http_client(asio::io_context& io, http_client_options options) {
  initialize_curl();
  impl_ = std::make_unique<impl>(io, std::move(options));
}

http_client::~http_client() = default;

transfer_id http_client::start(http_transfer transfer,
                               std::function<void(http_outcome)> on_done) {
  return impl_->start(std::move(transfer), std::move(on_done));
}

void http_client::cancel(transfer_id id) {
  impl_->cancel(id);
}

std::size_t http_client::active() const {
  return impl_->running.size();
}

} // namespace mcp::net
