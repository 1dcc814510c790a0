#pragma once

// What people see while they sign in, as values; who makes HTML of it is given
// to the authorization server. All text may be hostile (a client names itself):
// the pages escape it.

#include <functional>
#include <string>
#include <vector>

namespace mcp {

/// Which client asks for what, and the field for the API key.
struct sign_in_view {
  std::string client_name, client_uri;
  std::string target;            // where it goes: "claude.ai"
  bool registered_itself = true; // nobody vouches for the name
  bool wants_write = false;
  bool chose_write = false; // before a problem came up
  bool device = false;      // a device asks, which showed a code
  std::string request;      // hidden field
  /// Where the form goes: an address that shows the page again.
  std::string action = "/authorize";
  std::string problem;      // empty: none yet
};

/// Asks for the code that a device shows.
struct device_view {
  std::string user_code; // as the link had it
  std::string csrf;
  std::string problem;
};

/// Something happened, and that is all.
struct note_view {
  std::string title, text;
  bool good = true;
  /// Where to go on. Empty: to /connect when it is no good, else nowhere.
  std::string link = {}, link_text = {};
  bool alone = false; // no page of this server would open
};

struct connected_client {
  std::string family, name, scope;
  std::string since, last_used; // dates
};

/// How to connect each client, and what is connected.
struct connect_view {
  bool offers_sign_in = true; // OAuth is on
  bool takes_keys = true;     // API keys are tokens, too
  std::string url;            // of the MCP endpoint
  /// The part of `url` that a Host header gave; the page's script corrects it.
  std::string guessed_origin = {};
  std::string user;           // signed in; else empty
  std::vector<connected_client> connected;
  std::string csrf;
  std::string problem, done; // what the last button did
};

struct authorization_pages {
  std::function<std::string(const sign_in_view&)> sign_in;
  std::function<std::string(const device_view&)> device;
  std::function<std::string(const note_view&)> note;
  std::function<std::string(const connect_view&)> connect;
};

} // namespace mcp
