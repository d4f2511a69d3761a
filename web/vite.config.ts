/// <reference types="vitest/config" />
// One file for the dev server, the production build and the unit tests.
import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { build, defineConfig, type Plugin } from "vite";

const serverPort = process.env["PORT"] ?? "3000";

/** The widget is built right after the pages, so that no build leaves it out. */
function withWidget(): Plugin {
  let failed = false;
  return {
    name: "flowstone-widget",
    apply: "build",
    buildEnd: (error) => {
      failed = error !== undefined;
    },
    closeBundle: async () => {
      if (!failed) await build({ configFile: fileURLToPath(new URL("./vite.widget.config.ts", import.meta.url)) });
    },
  };
}

export default defineConfig({
  plugins: [react(), tailwindcss(), withWidget()],
  resolve: { alias: { "~": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: {
    port: Number(process.env["VITE_PORT"] ?? 8080),
    strictPort: true,
    // With its end: `/apikey` is a page.
    proxy: { "/api/": { target: `http://127.0.0.1:${serverPort}`, changeOrigin: false } },
  },
  build: {
    outDir: "dist",
    // Fonts and icons stay files of their own: the page's policy forbids data: addresses for fonts.
    assetsInlineLimit: 0,
    manifest: true,
    chunkSizeWarningLimit: 700,
  },
  test: {
    include: ["src/**/*.test.{ts,tsx}"],
    environment: "node",
    // A property test on a busy machine takes its time, in milliseconds.
    testTimeout: 30_000,
  },
});
