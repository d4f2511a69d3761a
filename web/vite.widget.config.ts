// Builds the chat widget for other people's pages: one file, `dist/embed.js`.
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
    lib: { entry: fileURLToPath(new URL("./src/widget/index.ts", import.meta.url)), formats: ["es"], fileName: () => "embed.js" },
  },
});
