import type { NextConfig } from "next";
import createNextIntlPlugin from "next-intl/plugin";

const withNextIntl = createNextIntlPlugin({
  requestConfig: "./lib/i18n/request.ts",
  // Parsed by the build, because a parser for ICU syntax would add 12 kB to every page.
  experimental: { messages: { path: "./messages", format: "json", locales: "infer", precompile: true } },
});

const config: NextConfig = {
  poweredByHeader: false,
  // The gateway serves DingTalk's paths, some of which end with a slash.
  skipTrailingSlashRedirect: true,
  // Native code, and libraries that load files relative to their modules.
  serverExternalPackages: ["@node-rs/argon2", "pg", "pg-boss", "pino", "rate-limiter-flexible"],
  // `npm test` checks the types already.
  typescript: { ignoreBuildErrors: true },
  experimental: {
    // Enables `forbidden()`, for pages that need a higher role.
    authInterrupts: true,
    // By default every page, including sign-in, loads the styles of all pages.
    cssChunking: { type: "graph", requestCost: 4_000 },
    optimizePackageImports: ["@mantine/core", "@mantine/hooks", "@tabler/icons-react"],
  },
};

export default withNextIntl(config);
