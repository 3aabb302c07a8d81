import type { NextConfig } from "next";
import createNextIntlPlugin from "next-intl/plugin";

const withNextIntl = createNextIntlPlugin({
  requestConfig: "./lib/i18n/request.ts",
  // Sentences are parsed by the build; a parser of ICU's syntax would be 12 kB on every page.
  experimental: { messages: { path: "./messages", format: "json", locales: "infer", precompile: true } },
});

const config: NextConfig = {
  poweredByHeader: false,
  // The gateway serves DingTalk's own paths, some of which end in a slash.
  skipTrailingSlashRedirect: true,
  // Native code, and libraries that find their own files: left where npm put them.
  serverExternalPackages: ["@node-rs/argon2", "pg", "pg-boss", "pino", "rate-limiter-flexible"],
  // `npm test` checks the types of everything; here it would only make the first start longer.
  typescript: { ignoreBuildErrors: true },
  experimental: {
    // `forbidden()`: the status of a page that one's role is too low for.
    authInterrupts: true,
    // Styles of one page stay with it: by default those of all pages come together in a sheet for each, sign-in too.
    cssChunking: { type: "graph", requestCost: 4_000 },
    optimizePackageImports: ["@mantine/core", "@mantine/hooks", "@tabler/icons-react"],
  },
};

export default withNextIntl(config);
