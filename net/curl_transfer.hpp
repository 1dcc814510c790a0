#pragma once

#include "net/http_client.hpp"
#include "net/line_splitter.hpp"

#include <curl/curl.h>

namespace mcp::net {

/// One transfer: what curl is told, what curl tells, and how it ended.
class curl_loop;

class curl_transfer {
public:
  curl_transfer(transfer_id id, http_transfer what,
                std::function<void(http_outcome)> on_done);
  /// Overwrites the credentials.
  ~curl_transfer();
  curl_transfer(const curl_transfer&) = delete;
  curl_transfer& operator=(const curl_transfer&) = delete;

  /// False when it can't be sent as asked for: a line break in a header, say.
  bool is_sound() const;

  /// Sets all options on a handle fresh from curl_easy_init or _reset. The
  /// handle refers to this object until it is reset.
  void set_up(CURL* easy, const http_client_options& options);

  /// Makes curl end it at its next callback; nothing is called back.
  void silence() { silent_ = true; }
  bool is_silent() const { return silent_; }

  /// What became of it. To be called once, after curl was done with it.
  http_outcome outcome(CURLcode code);
  /// For one whose deadline ended while curl had it wait for a connection.
  http_outcome overdue();
  /// For one that never started.
  static http_outcome unsound();

  const transfer_id id;
  /// When its deadline is over.
  const std::chrono::steady_clock::time_point due;
  CURL* easy = nullptr;
  curl_loop* loop = nullptr; // whose turn it is part of, once it began
  std::function<void(http_outcome)> on_done;

private:
  static std::size_t on_body(char* bytes, std::size_t, std::size_t size,
                             void* self);
  static std::size_t on_header(char* bytes, std::size_t, std::size_t size,
                               void* self);
  static curl_socket_t on_socket(void* self, curlsocktype, curl_sockaddr* to);
  static int on_request(void* self, char*, char*, int, int);

  void set_method();
  void set_headers();
  bool take_body(std::string_view bytes);
  bool take_header(std::string_view line);
  bool is_repeatable() const;
  transfer_end classify(CURLcode code) const;

  http_transfer what_;
  /// curl's list, made of our own nodes: they point into what_.headers, so
  /// there is no second copy of a credential to overwrite.
  std::vector<curl_slist> nodes_;
  line_splitter lines_;
  http_outcome outcome_;
  std::size_t header_bytes_ = 0;
  int requests_ = 0; // times that curl was about to send it
  bool header_ended_ = false;
  bool by_line_ = false;
  bool body_begun_ = false;
  bool silent_ = false;
  bool stopped_ = false;
  bool too_large_ = false;
  bool reader_failed_ = false;
};

} // namespace mcp::net
