import type { NextConfig } from "next";
import createNextIntlPlugin from "next-intl/plugin";

const withNextIntl = createNextIntlPlugin({
  requestConfig: "./lib/i18n/request.ts",
  // The build parses the messages. A parser for ICU syntax would add 12 kB to every page.
  experimental: { messages: { path: "./messages", format: "json", locales: "infer", precompile: true } },
});

const config: NextConfig = {
  poweredByHeader: false,
  // The gateway serves DingTalk's paths, some of which end with a slash.
  skipTrailingSlashRedirect: true,
  // Not bundled: native code, and libraries that find their own files relative to their modules.
  serverExternalPackages: ["@node-rs/argon2", "pg", "pg-boss", "pino", "rate-limiter-flexible"],
  // `npm test` checks the types. A second check would only slow down the first start.
  typescript: { ignoreBuildErrors: true },
  experimental: {
    // Enables `forbidden()`, for pages that need a higher role.
    authInterrupts: true,
    // Each page loads only its own styles. By default every page, including sign-in, loads those of all pages.
    cssChunking: { type: "graph", requestCost: 4_000 },
    optimizePackageImports: ["@mantine/core", "@mantine/hooks", "@tabler/icons-react"],
  },
};

export default withNextIntl(config);
