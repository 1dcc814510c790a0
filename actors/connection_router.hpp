#pragma once

// The rules of one connection, over its state; made anew for each message. For
// the connection's own source files.

#include "actors/connection.hpp"
#include "actors/request_headers.hpp"
#include "actors/stateless_calls.hpp"

#include <string>
#include <string_view>

namespace mcp {

namespace http = boost::beast::http;

using connection_pointer = connection_actor::stateful_pointer<connection_state>;

net::http_response json_response(http::status status, std::string body);
net::http_response empty_response(http::status status);

/// One exchange at a time. All functions run inside the actor.
class connection_router {
public:
  connection_router(connection_pointer self,
                    const connection_services& services)
      : self_(self), st_(self->state), services_(services) {}

  void arrived(http_arrival& a);
  /// The client left.
  void gone();
  void closed();
  /// A message for the client, from whoever carries the exchange out.
  void out(const outbound& o);
  /// A session this connection knows is gone, or a call of ours.
  void down(const caf::down_msg& down);

  // Of calls without a session.
  void news(const call_news& n);
  void asked(const call_asks& a);
  void alarm();

private:
  // connection_tokens.cpp: who is asking
  /// Hands the request to the authorization server.
  void to_oauth(std::shared_ptr<net::http_request> r);
  /// The API key that the request stands for; empty, and answered, when there
  /// is none.
  secret key_of(std::string_view authorization);
  void refuse_token(http::status status, oauth::challenge_reason why,
                    std::string_view error, std::string_view hint);
  /// Whether a message asks for more than the token is good for; answered then.
  bool exceeds_token(const jsonrpc::message& m);

  // connection.cpp: HTTP
  bool is_welcome(const request_headers& h);
  void mcp_request(net::http_request& r, const request_headers& h);
  void post(net::http_request& r, const request_headers& h, secret key);

  // connection_answers.cpp
  void stream(const std::string& start_id = {});
  void complete();
  /// The one answer of this exchange.
  void answer(std::string text);
  void compress(net::http_response& r) const;
  void respond(net::http_response r);
  void refuse(http::status status, std::string_view error,
              std::string_view hint);
  void not_acceptable(std::string_view hint);
  void method_not_allowed(std::string_view allowed, std::string_view hint);
  void refuse_rpc(http::status status, errc code, std::string_view message);
  void refuse_version(std::string_view requested);
  void refuse_failure(const failure& why);

  void failed(std::uint64_t post, const caf::error& e);
  bool still(std::uint64_t post) const { return st_.via && st_.post == post; }
  void reset();

  // connection_sessions.cpp: requests of a session
  void initialize(const jsonrpc::message& m, secret key);
  /// Calls `then(router, version)` with the session of the request's id, or
  /// answers 404.
  template <class Then>
  void with_session(secret key, Then then);
  void session_request(const net::http_request& r, const request_headers& h,
                       secret key);
  void session_post(secret key);
  void go_to_session();
  void forward(version v);
  void open_stream();
  /// Nobody knows the id: 404, unless the request is to open a session.
  void unknown_session();
  void end_session(secret key);
  /// The session of this exchange is gone; what it did not answer, it never
  /// will.
  void lose_session();
  void remember(const std::string& id, connection_state::known_session s);

  // connection_stateless.cpp: requests that stand alone
  void stateless(const net::http_request& r, jsonrpc::message& m, secret key);
  /// Calls `then(router, client)` with the W&B client of this key.
  template <class Then>
  void with_client(const key_fingerprint& user, secret key, Then then);
  void listen(stateless_listen& order, const wandb_client_actor& user);
  void ask_board(stateless_task& asked, const wandb_client_actor& user);
  void run(std::shared_ptr<ready_call> call, const wandb_client_actor& user);
  stateless_calls::sender to_here();
  void set_alarm();

  connection_pointer self_;
  connection_state& st_;
  const connection_services& services_;
};

} // namespace mcp
