// Builds the chat widget for other people's pages: `dist/embed.js`, and beside it what draws formulas, which it loads when it meets one.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

export default defineConfig({
  resolve: { alias: { "~": fileURLToPath(new URL("./src", import.meta.url)) } },
  publicDir: false,
  logLevel: "warn",
  build: {
    outDir: "dist",
    // The pages are there already.
    emptyOutDir: false,
    target: "es2022",
    lib: {
      entry: { embed: fileURLToPath(new URL("./src/widget/index.ts", import.meta.url)), "embed-formulas": fileURLToPath(new URL("./src/widget/formulas.ts", import.meta.url)) },
      formats: ["es"],
      fileName: (_, name) => `${name}.js`,
    },
    // A library's build keeps its white space for the next bundler; this one meets none.
    rolldownOptions: { output: { minify: true } },
  },
});
