#include "actors/authorization_router.hpp"
#include "protocol/mcp/http_rules.hpp"
#include "protocol/wandb/timestamp.hpp"

namespace mcp {
namespace {

/// "2026-01-31"
std::string date(std::int64_t unix_time) {
  return wandb::format_timestamp({.seconds = unix_time}).substr(0, 10);
}

} // namespace

void authorization_router::connect_page(oauth_visit& v, std::string problem,
                                        std::string done) {
  if (v.browser.empty())
    v.browser = oauth::sealer::new_id();
  connect_view view;
  view.takes_keys = options_.takes_keys;
  view.url = options_.us.resource();
  view.csrf = v.browser;
  view.problem = std::move(problem);
  view.done = std::move(done);
  const auto visitor = seals_.open_visitor(cookie_of(v, "mcp_visitor"), now());
  if (visitor && !visitor->expired) {
    view.user = visitor->value.user;
    const auto grants = st_.store->grants_of(visitor->value.tags, now());
    if (grants)
      for (const auto& g : *grants)
        view.connected.push_back({.family = g.family,
                                  .name = g.client_name,
                                  .scope = g.scope,
                                  .since = date(g.created),
                                  .last_used = date(g.last_used)});
    else if (view.problem.empty())
      view.problem = oauth::unavailable().description;
  }
  page(v, view.problem.empty() ? http::status::ok : http::status::bad_request,
       options_.pages.connect(view));
}

void authorization_router::to_connect(oauth_visit& v, std::string with_cookie) {
  net::http_response r;
  r.status = http::status::see_other;
  r.headers = {{"Location", "/connect"},
               {"Cache-Control", "no-store"},
               {"Set-Cookie", std::move(with_cookie)}};
  v.answer(std::move(r));
}

void authorization_router::connect_action(oauth_visit visit) {
  if (!from_our_page(visit, visit.form.get("csrf")))
    return note(visit, http::status::forbidden, "This form has expired",
                "Open the page again. If that doesn't help, allow cookies for "
                "this site.",
                "/connect#yours", "Open it again");
  const auto action = visit.form.get("action");
  if (action == "sign_out")
    return to_connect(visit, cookie("mcp_visitor", "", 0));
  if (action == "sign_in") {
    if (!may_try(visit))
      return connect_page(visit, key_problem(errc::rate_limited));
    const auto key = pasted_key(visit.form);
    if (!has_key_form(key.reveal()))
      return connect_page(visit, no_key_form);
    return check_key(
      std::move(visit), key,
      [key](authorization_router& me, oauth_visit& v,
            result<std::string> user) {
        if (!user)
          return me.connect_page(v, key_problem(user.error().code));
        const oauth::visitor who{.user = *user,
                                 .tags = me.seals_.user_tags(key.reveal())};
        const auto lifetime = me.options_.visitor_lifetime;
        me.to_connect(v, me.cookie("mcp_visitor",
                                   me.seals_.seal(who, me.now() + lifetime),
                                   lifetime));
      });
  }
  if (action != "revoke")
    return connect_page(visit);
  const auto visitor =
    seals_.open_visitor(cookie_of(visit, "mcp_visitor"), now());
  if (!visitor || visitor->expired)
    return connect_page(visit, "You are signed out. Enter your key again.");
  const auto theirs = st_.store->grants_of(visitor->value.tags, now());
  if (!theirs)
    return connect_page(visit, oauth::unavailable().description);
  const std::string family(visit.form.get("family"));
  for (const auto& g : *theirs)
    if (g.family == family) {
      if (!end_family(family))
        return connect_page(visit, oauth::unavailable().description);
      return connect_page(visit, {},
                          g.client_name + " is not connected any more.");
    }
  connect_page(visit, "That client is not connected.");
}

} // namespace mcp
