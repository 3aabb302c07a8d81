import { MantineProvider } from "@mantine/core";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { cssVariablesResolver, theme } from "./theme";

test("theme.css holds the variables and classes that Mantine would write into every page", async () => {
  const page = renderToStaticMarkup(
    <MantineProvider theme={theme} cssVariablesResolver={cssVariablesResolver}>
      <main />
    </MantineProvider>,
  );
  const styles = [...page.matchAll(/<style[^>]*>(.*?)<\/style>/gs)].map(([, css = ""]) => css);
  expect(styles).toHaveLength(2);
  const css = styles.join("\n\n").replaceAll(/([{;}])(?=\S)/g, "$1\n");
  await expect(
    `/* Made by theme.test.tsx: vitest -u app/_components/theme/theme.test.tsx */\n${css}\n`,
  ).toMatchFileSnapshot("theme.css");
});
