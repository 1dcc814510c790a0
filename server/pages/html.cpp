#include "server/pages/html.hpp"

namespace mcp {
namespace {

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text)
    switch (c) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '"':
      out += "&quot;";
      break;
    case '\'':
      out += "&#39;";
      break;
    default:
      // HTML has no zero byte and few control characters.
      out += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t'
               ? ' '
               : c;
    }
  return out;
}

} // namespace

template_slot::template_slot(std::string_view name, std::string_view text)
    : name_(name), value_(escape(text)) {}

html fill(std::string_view literal,
          std::initializer_list<template_slot> slots) {
  html out;
  while (true) {
    const auto begin = literal.find("{{");
    const auto end =
      begin == literal.npos ? literal.npos : literal.find("}}", begin);
    if (end == literal.npos) {
      out.text_ += literal;
      return out;
    }
    out.text_ += literal.substr(0, begin);
    const auto name = literal.substr(begin + 2, end - begin - 2);
    for (const auto& s : slots)
      if (s.name_ == name)
        out.text_ += s.value_;
    literal.remove_prefix(end + 2);
  }
}

} // namespace mcp
