#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace mcp {

/// Text that is markup already. Made by `fill` alone, so that nobody's words
/// become markup by being forgotten.
class html {
public:
  html() = default;
  [[nodiscard]] const std::string& text() const { return text_; }
  html& operator+=(const html& more) {
    text_ += more.text_;
    return *this;
  }
  [[nodiscard]] bool empty() const { return text_.empty(); }

private:
  friend class template_slot;
  friend html fill(std::string_view,
                   std::initializer_list<class template_slot>);
  std::string text_;
};

/// What replaces {{name}} in a template: text, which is escaped for use between
/// tags and in quoted attributes, or markup.
class template_slot {
public:
  template_slot(std::string_view name, std::string_view text);
  template_slot(std::string_view name, const std::string& text)
      : template_slot(name, std::string_view(text)) {}
  template_slot(std::string_view name, const char* text)
      : template_slot(name, std::string_view(text)) {}
  template_slot(std::string_view name, const html& markup)
      : name_(name), value_(markup.text_) {}

private:
  friend html fill(std::string_view, std::initializer_list<template_slot>);
  std::string_view name_;
  std::string value_;
};

/// The template, a literal of ours, with its slots filled. A {{name}} without a
/// slot becomes nothing.
[[nodiscard]] html fill(std::string_view literal,
                        std::initializer_list<template_slot> slots = {});

} // namespace mcp
