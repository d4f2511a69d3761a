// Sets the theme before the first paint, so that a dark page never flashes white. Same rule as src/design/theme.ts.
(function () {
  var choice = "system";
  try {
    choice = localStorage.getItem("flowstone.theme") || "system";
  } catch {
    // Storage may be forbidden; the system's wish is then followed.
  }
  var dark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
