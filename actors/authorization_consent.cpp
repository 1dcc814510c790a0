#include "actors/authorization_router.hpp"
#include "protocol/mcp/http_rules.hpp"
#include "protocol/oauth/redirect_uri.hpp"

namespace mcp {
namespace {

constexpr std::size_t max_code = 16; // as the page's field

std::string user_code_of(std::string_view typed) {
  std::string out;
  for (const char c : typed) {
    if (c >= 'a' && c <= 'z')
      out += static_cast<char>(c - 'a' + 'A');
    else if (c != '-' && c != ' ')
      out += c;
  }
  return out;
}

/// The client's request behind a page of ours, from the address that its form
/// went to; empty when there is none.
oauth::form request_behind(const oauth_visit& v) {
  auto query = oauth::form::parse(oauth::query_of(v.request->target));
  if (!query || query->get("client_id").empty())
    return {};
  return std::move(*query);
}

/// Where the form of a sign-in page goes. It is the page's own address, so that
/// whoever loads it again is asked again, whatever came of the form.
std::string form_action(const oauth_visit& v, const oauth::pending_request& r) {
  if (!r.user_code.empty())
    return "/authorize?user_code=" + oauth::percent_encode(r.user_code);
  const bool has_request = !request_behind(v).get("client_id").empty();
  return has_request ? v.request->target : "/authorize";
}

/// Where the person may agree once more.
std::string device_link(const oauth::pending_request& r) {
  return "/device?" + oauth::form{{"user_code", r.user_code}}.encoded();
}

} // namespace

void authorization_router::ask_consent(oauth_visit visit) {
  if (const auto code = visit.form.get("user_code");
      !code.empty() && visit.form.get("client_id").empty())
    return redirect(visit, "/device?user_code=" + oauth::percent_encode(code));
  if (visit.browser.empty())
    visit.browser = oauth::sealer::new_id();
  const std::string id(visit.form.get("client_id"));
  with_client(
    std::move(visit), id,
    [](authorization_router& me, oauth_visit& v, const oauth::client& who) {
      auto checked = oauth::check_authorize(v.form, who, me.options_.us);
      if (auto* r = std::get_if<oauth::pending_request>(&checked)) {
        r->browser = v.browser;
        return me.show_sign_in(v, std::move(*r), std::move(v.problem));
      }
      if (const auto* why = std::get_if<oauth::tell_person>(&checked))
        return me.note(v, http::status::bad_request, "This link doesn't work",
                       why->problem + " Start again in your client.");
      const auto& to = std::get<oauth::tell_client>(checked).location;
      // Anybody can register a client; who sends people straight on to it
      // would lend its own name to any link (RFC 9700, 4.11).
      if (who.from == oauth::client::origin::configured
          || !oauth::leaves_device(to))
        return me.redirect(v, to);
      me.page(v, http::status::bad_request,
              me.options_.pages.note(
                {.title = "This sign-in can't go on",
                 .text = who.name
                         + " asked for something that this server doesn't do. "
                           "Go back to it and connect again.",
                 .good = false,
                 .link = to,
                 .link_text = "Return to " + oauth::redirect_target(to)}));
    },
    [](authorization_router& me, oauth_visit& v, const oauth::refusal& why) {
      me.note(v, http::status::bad_request,
              "This server doesn't know this client",
              "Start again in your client. If that doesn't help, remove this "
              "server there and add it again. For its developer: "
                + why.description);
    });
}

void authorization_router::show_sign_in(oauth_visit& v,
                                        oauth::pending_request r,
                                        std::string problem) {
  const auto known = known_client(r.client_id);
  sign_in_view view;
  view.client_name = r.client_name;
  view.registered_itself =
    !known || known->from != oauth::client::origin::configured;
  if (known)
    view.client_uri = known->uri;
  view.device = !r.user_code.empty();
  if (!view.device)
    view.target = oauth::redirect_target(r.redirect_uri);
  view.wants_write = r.asked.write;
  view.chose_write = v.form.get("write") == "yes";
  view.problem = std::move(problem);
  const auto form_target =
    view.device ? std::string{} : oauth::redirect_source(r.redirect_uri);
  view.action = form_action(v, r);
  view.request = seals_.seal(r, now() + options_.request_lifetime);
  page(v, view.problem.empty() ? http::status::ok : http::status::bad_request,
       options_.pages.sign_in(view), form_target);
}

void authorization_router::decide(oauth_visit visit) {
  auto opened = seals_.open_request(visit.form.get("request"), now());
  if (opened && opened->expired)
    if (auto query = request_behind(visit); !query.get("client_id").empty()) {
      visit.form = std::move(query);
      visit.problem = "This page was open for too long, so nothing was done. "
                      "It is a new one now.";
      return ask_consent(std::move(visit));
    }
  if (!opened || opened->expired)
    return note_again(visit, http::status::bad_request, "This page is too old",
                      "Go back to your client and connect again.");
  auto& r = opened->value;
  if (!from_our_page(visit, r.browser))
    return note_again(visit, http::status::forbidden,
                      "This form came from elsewhere",
                      "Go back to your client and connect again. Cookies of "
                      "this site must be allowed.");
  if (visit.form.get("decision") == "deny")
    return deny(visit, r);
  if (!may_try(visit))
    return show_sign_in(visit, r, key_problem(errc::rate_limited));
  const auto key = pasted_key(visit.form);
  if (!has_key_form(key.reveal()))
    return show_sign_in(visit, r, no_key_form);
  const bool write = r.asked.write && visit.form.get("write") == "yes";
  check_key(std::move(visit), key,
            [r, key, write](authorization_router& me, oauth_visit& v,
                            result<std::string> user) {
              if (!user)
                return me.show_sign_in(v, r, key_problem(user.error().code));
              me.allow(v, r, key, *user, write);
            });
}

void authorization_router::note_again(oauth_visit& v, http::status status,
                                      std::string title, std::string text) {
  note_view view{
    .title = std::move(title), .text = std::move(text), .good = false};
  if (!request_behind(v).get("client_id").empty()) {
    view.link = v.request->target;
    view.link_text = "Open the page again";
  }
  page(v, status, options_.pages.note(view));
}

void authorization_router::allow(oauth_visit& v,
                                 const oauth::pending_request& r, secret key,
                                 const std::string& user, bool write) {
  oauth::grant g{.key = std::move(key),
                 .user = user,
                 .client = oauth::client_tag(r.client_id),
                 .client_name = r.client_name,
                 .allowed = {.write = write},
                 .audience = r.resource,
                 .family = oauth::sealer::new_id()};
  if (r.user_code.empty()) {
    const oauth::code code{.what = std::move(g),
                           .redirect_uri = r.redirect_uri,
                           .challenge = r.challenge,
                           .id = oauth::sealer::new_id()};
    return redirect(
      v, oauth::answer_with_code(
           r, seals_.seal(code, now() + options_.code_lifetime), options_.us));
  }
  const auto taken = st_.store->decide_device(
    r.user_code, true, seals_.seal(g, now() + options_.device_lifetime), now());
  if (!taken)
    return note(v, http::status::service_unavailable,
                "We couldn't save this", "Try again in a moment.",
                device_link(r), "Try again");
  if (!*taken)
    return note(v, http::status::bad_request, "This code has expired",
                "Or it was already used. Start again on your device to get a "
                "new one.",
                "/device", "Enter another code");
  note(v, http::status::ok, "Connected",
       "Go back to your device. " + r.client_name
         + " continues there by itself. You can close this page.",
       "/connect#yours", "See what is connected");
}

void authorization_router::deny(oauth_visit& v,
                                const oauth::pending_request& r) {
  if (r.user_code.empty())
    return redirect(v, oauth::answer_with_error(
                         r, "access_denied", "The user said no.", options_.us));
  if (!st_.store->decide_device(r.user_code, false, {}, now()))
    return note(v, http::status::service_unavailable,
                "We couldn't save this", "Try again in a moment.",
                device_link(r), "Try again");
  note(v, http::status::ok, "Not connected",
       "Your device gets no access. You can close this page.", "/device",
       "Enter another code");
}

void authorization_router::device_page(oauth_visit& v) {
  if (v.browser.empty())
    v.browser = oauth::sealer::new_id();
  page(v, http::status::ok,
       options_.pages.device(
         {.user_code = std::string(v.form.get("user_code").substr(0, max_code)),
          .csrf = v.browser,
          .problem = {}}));
}

void authorization_router::find_device(oauth_visit& v) {
  if (!from_our_page(v, v.form.get("csrf")))
    return note(v, http::status::forbidden, "This form has expired",
                "Enter the code again. If that doesn't help, allow cookies for "
                "this site.",
                "/device", "Enter the code");
  const auto again = [&](http::status status, std::string problem) {
    page(
      v, status,
      options_.pages.device(
        {.user_code = std::string(v.form.get("user_code").substr(0, max_code)),
         .csrf = v.browser,
         .problem = std::move(problem)}));
  };
  const auto guesses = "code " + v.peer;
  if (st_.tally.reached(guesses, options_.max_wrong_codes, now()))
    return again(http::status::too_many_requests,
                 "Too many wrong codes. Try again in a minute.");
  auto found =
    st_.store->find_device(user_code_of(v.form.get("user_code")), now());
  if (!found)
    return again(http::status::service_unavailable,
                 oauth::unavailable().description);
  if (!*found || (*found)->now != kept_device::state::pending) {
    st_.tally.allow(guesses, options_.max_wrong_codes, now());
    return again(http::status::bad_request,
                 "This code has expired, was already used, or has a typo. A "
                 "code works once, for "
                   + std::to_string(options_.device_lifetime / 60)
                   + " minutes. Your device can show a new one.");
  }
  auto& device = **found;
  oauth::pending_request r;
  r.client_id = std::move(device.client_id);
  r.client_name = std::move(device.client_name);
  r.resource = options_.us.resource();
  r.asked = oauth::parse_scopes(device.scope);
  r.browser = v.browser;
  r.user_code = std::move(device.user_code);
  show_sign_in(v, std::move(r));
}

} // namespace mcp
