#include "server/option_values.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <sstream>

namespace mcp::take {

std::optional<std::uint64_t> whole_number(const std::string& text,
                                          std::uint64_t low,
                                          std::uint64_t high) {
  std::uint64_t v = 0;
  const auto [end, error] =
    std::from_chars(text.data(), text.data() + text.size(), v);
  if (error != std::errc{} || end != text.data() + text.size() || v < low
      || v > high)
    return {};
  return v;
}

std::string from_to(std::uint64_t low, std::uint64_t high) {
  return "from " + std::to_string(low) + " to " + std::to_string(high);
}

setter seconds(std::chrono::seconds settings::*member, std::uint64_t low,
               std::uint64_t high) {
  return
    [=](settings& s, const std::string& text) -> std::optional<std::string> {
      const auto v = whole_number(text, low, high);
      if (!v)
        return "seconds, a whole number " + from_to(low, high);
      s.*member = std::chrono::seconds(*v);
      return {};
    };
}

std::optional<std::string> read_flag(bool& value, const std::string& text) {
  std::string lower = text;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  if (lower == "true" || lower == "1" || lower == "yes" || lower == "on")
    value = true;
  else if (lower == "false" || lower == "0" || lower == "no" || lower == "off")
    value = false;
  else
    return "true or false";
  return {};
}

setter flag(bool settings::*member) {
  return
    [=](settings& s, const std::string& v) { return read_flag(s.*member, v); };
}

setter flag(std::optional<bool> settings::*member) {
  return [=](settings& s, const std::string& v) {
    bool value = false;
    auto wanted = read_flag(value, v);
    if (!wanted)
      s.*member = value;
    return wanted;
  };
}

setter text(std::string settings::*member) {
  return [=](settings& s, const std::string& v) -> std::optional<std::string> {
    s.*member = v;
    return {};
  };
}

setter address(std::string settings::*member) {
  return [=](settings& s, const std::string& v) -> std::optional<std::string> {
    boost::system::error_code not_one;
    boost::asio::ip::make_address(v, not_one);
    if (not_one && v != "localhost")
      return "an IP address of this machine, or localhost";
    s.*member = v;
    return {};
  };
}

setter one_of(std::string settings::*member, std::vector<std::string> choices) {
  return [=](settings& s, const std::string& v) -> std::optional<std::string> {
    if (std::find(choices.begin(), choices.end(), v) == choices.end()) {
      std::string wanted = "one of";
      for (const auto& c : choices)
        wanted += " " + c;
      return wanted;
    }
    s.*member = v;
    return {};
  };
}

setter list(std::vector<std::string> settings::*member) {
  return [=](settings& s, const std::string& v) -> std::optional<std::string> {
    std::stringstream in(v);
    for (std::string item; std::getline(in, item, ',');)
      if (!item.empty())
        (s.*member).push_back(item);
    return {};
  };
}

setter names(std::vector<std::string> tools::selection::*member) {
  return [=](settings& s, const std::string& v) -> std::optional<std::string> {
    std::stringstream in(v);
    for (std::string item; std::getline(in, item, ',');) {
      const auto begin = item.find_first_not_of(" \t");
      if (begin == item.npos)
        return "names, with commas between them";
      const auto end = item.find_last_not_of(" \t");
      (s.offered.*member).push_back(item.substr(begin, end - begin + 1));
    }
    return {};
  };
}

setter url(std::string settings::*member) {
  return [=](settings& s, const std::string& v) -> std::optional<std::string> {
    std::string trimmed = v;
    while (trimmed.ends_with('/'))
      trimmed.pop_back();
    const auto host = trimmed.starts_with("https://")  ? trimmed.substr(8)
                      : trimmed.starts_with("http://") ? trimmed.substr(7)
                                                       : std::string();
    if (host.empty() || host.starts_with('/')
        || host.find_first_of("@ \r\n?#") != host.npos)
      return "an http or https URL without credentials";
    s.*member = trimmed;
    return {};
  };
}

} // namespace mcp::take
