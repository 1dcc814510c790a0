#pragma once

// The rules of the authorization server over its state; made anew for each
// message. For its own source files.

#include "actors/authorization_server.hpp"
#include "protocol/oauth/authorize.hpp"
#include "protocol/oauth/form.hpp"
#include "protocol/oauth/token_request.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace mcp {

namespace http = boost::beast::http;

using authorization_pointer =
  authorization_server_actor::stateful_pointer<authorization_server_state>;

/// One request under way, until its promise is kept.
struct oauth_visit {
  caf::typed_response_promise<oauth_answer> promise;
  std::shared_ptr<const net::http_request> request;
  oauth::form form;    // the body's, or the query's of a GET
  std::string peer;    // address without port
  std::string browser; // the cookie that ties a form to its browser
  std::string problem; // to be told on the page that comes next

  void answer(net::http_response r) {
    promise.deliver(std::make_shared<net::http_response>(std::move(r)));
  }
};

/// What a person reads when their key was not accepted.
[[nodiscard]] std::string key_problem(errc why);
inline constexpr const char* no_key_form =
  "This isn't a whole W&B API key, which has at least 40 letters, digits or "
  "underscores. Copy all of it, and nothing else.";
/// The form's key as it was pasted, without what copying adds around it.
[[nodiscard]] secret pasted_key(const oauth::form& form);

/// What all parts work with.
struct authorization_surroundings {
  std::shared_ptr<const authorization_options> options;
  const oauth::sealer* seals;
  std::shared_ptr<revocations> revoked;
  wandb_client_pool_actor pool;
  client_documents_actor documents;
  const session_sealer* sessions;
};

class authorization_router {
public:
  authorization_router(authorization_pointer self,
                       const authorization_surroundings& around)
      : self_(self), st_(self->state), around_(around),
        options_(*around_.options), seals_(*around_.seals) {}

  caf::result<oauth_answer> arrived(const oauth_arrival& a);
  void replied(const fetch_reply& r);
  void sweep();

private:
  // authorization_server.cpp
  void dispatch(oauth_visit v, std::string_view path);
  void register_client(oauth_visit& v);
  void json(oauth_visit& v, http::status status, std::string body);
  void refuse(oauth_visit& v, const oauth::refusal& why);
  void method_not_allowed(oauth_visit& v, std::string_view allowed);
  /// A page, with everything that keeps others from framing, scripting or
  /// keeping it. `form_target` is where its form may lead beside here.
  void page(oauth_visit& v, http::status status, std::string html,
            std::string_view form_target = {});
  void note(oauth_visit& v, http::status status, std::string title,
            std::string text, std::string link = {},
            std::string link_text = {});
  /// The same, with a link that begins the attempt again if the form has one.
  void note_again(oauth_visit& v, http::status status, std::string title,
                  std::string text);
  void redirect(oauth_visit& v, std::string location);
  /// Lax: sent when a link from a client's site leads here, so that a sign-in
  /// in another tab stays good; no form of another site sends it.
  std::string cookie(std::string_view name, std::string_view value,
                     std::int64_t seconds,
                     std::string_view same_site = "Strict") const;
  std::string cookie_of(const oauth_visit& v, std::string_view name) const;
  /// Whether a form was sent by a page of ours in the same browser.
  bool from_our_page(const oauth_visit& v, std::string_view proof) const;
  std::int64_t now() const { return options_.unix_time(); }

  // authorization_consent.cpp: people
  /// Calls then(router, visit, client) with the client of this id, or
  /// fail(router, visit, why).
  using with_known = std::function<void(authorization_router&, oauth_visit&,
                                        const oauth::client&)>;
  using with_refusal = std::function<void(authorization_router&, oauth_visit&,
                                          const oauth::refusal&)>;
  void with_client(oauth_visit v, const std::string& id, with_known then,
                   with_refusal fail);
  /// Calls then(router, visit, name of the user) when W&B knows the key, or
  /// then(router, visit, failure).
  using key_checked = std::function<void(authorization_router&, oauth_visit&,
                                         result<std::string>)>;
  void check_key(oauth_visit v, const secret& key, key_checked then);
  /// Whether this browser, and this address, may try one more key.
  bool may_try(const oauth_visit& v);
  void ask_consent(oauth_visit v);
  void show_sign_in(oauth_visit& v, oauth::pending_request r,
                    std::string problem = {});
  void decide(oauth_visit v);
  void allow(oauth_visit& v, const oauth::pending_request& r, secret key,
             const std::string& user, bool write);
  void deny(oauth_visit& v, const oauth::pending_request& r);
  void device_page(oauth_visit& v);
  void find_device(oauth_visit& v);

  // authorization_connect.cpp
  void connect_page(oauth_visit& v, std::string problem = {},
                    std::string done = {});
  void connect_action(oauth_visit v);
  void to_connect(oauth_visit& v, std::string with_cookie);

  // authorization_tokens.cpp: clients
  void token(oauth_visit& v);
  void redeem_code(oauth_visit& v, std::string_view client_id);
  void refresh(oauth_visit& v, std::string_view client_id);
  void poll_device(oauth_visit& v, std::string_view client_id);
  /// Lists what was granted at /connect. False, and answered, when the store is
  /// away.
  bool keep_grant(oauth_visit& v, const oauth::grant& what,
                  std::int64_t created);
  void give_tokens(oauth_visit& v, oauth::grant what, oauth::scopes allowed,
                   std::int64_t created);
  void revoke(oauth_visit& v);
  void introspect(oauth_visit& v);
  void authorize_device(oauth_visit v);
  result<void> end_family(const std::string& family);
  /// False, and answered, when the store is away.
  bool revoke_family(oauth_visit& v, const std::string& family);
  oauth::checked<oauth::client> known_client(const std::string& id) const;
  oauth::checked<oauth::client_credentials>
  authenticated_client(oauth_visit& v) const;
  template <class T>
  bool there(oauth_visit& v, const result<T>& r);

  authorization_pointer self_;
  authorization_server_state& st_;
  authorization_surroundings around_;
  const authorization_options& options_;
  const oauth::sealer& seals_;
};

/// "The store is away" for whoever asked.
template <class T>
bool authorization_router::there(oauth_visit& v, const result<T>& r) {
  if (r)
    return true;
  refuse(v, oauth::unavailable());
  return false;
}

} // namespace mcp
