"use client";

import { type CSSVariablesResolver, createTheme } from "@mantine/core";

const SANS =
  '-apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Helvetica Neue", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei UI", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif';
const MONO =
  'ui-monospace, SFMono-Regular, Menlo, Consolas, "Cascadia Mono", "Liberation Mono", "PingFang SC", "Microsoft YaHei", monospace';

export const theme = createTheme({
  primaryColor: "keel",
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  respectReducedMotion: true,
  focusRing: "auto",
  colors: {
    keel: [
      "#EEF2FF",
      "#DDE4FF",
      "#BCC8FF",
      "#9DB0FF",
      "#7B91F5",
      "#657CEB",
      "#5069E0",
      "#3D53C6",
      "#3449B4",
      "#27367F",
    ],
    // Mantine addresses grays by index. Index 4 is the border of a control.
    gray: [
      "#F6F7F9",
      "#EEF0F4",
      "#E4E7ED",
      "#DFE3EA",
      "#7C8493",
      "#747C8B",
      "#6B7382",
      "#565E6C",
      "#3A414D",
      "#1A1E26",
    ],
    dark: [
      "#E7EAF0",
      "#C3CAD6",
      "#A4ACBA",
      "#8E97A6",
      "#747E8F",
      "#323843",
      "#22262E",
      "#1A1D23",
      "#121418",
      "#0E1013",
    ],
  },
  fontFamily: SANS,
  fontFamilyMonospace: MONO,
  defaultRadius: "sm",
  cursorType: "pointer",
  radius: { xs: "4px", sm: "6px", md: "8px", lg: "12px", xl: "16px" },
  spacing: { xs: "8px", sm: "12px", md: "16px", lg: "24px", xl: "32px" },
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "18px" },
  breakpoints: { xs: "30em", sm: "48em", md: "64em", lg: "80em", xl: "96em" },
  components: {
    InputWrapper: {
      defaultProps: { inputWrapperOrder: ["label", "input", "description", "error"], size: "md" },
    },
    Input: { defaultProps: { size: "sm" } },
    // Stays inside its landmark, and has no focusable child besides menu items.
    Menu: { defaultProps: { withinPortal: false, withInitialFocusPlaceholder: false } },
    Button: { defaultProps: { size: "sm" } },
  },
});

const SHARED = {
  "--mantine-color-text": "var(--dk-text)",
  "--mantine-color-body": "var(--dk-surface)",
  "--mantine-color-dimmed": "var(--dk-text-dimmed)",
  "--mantine-color-placeholder": "var(--dk-placeholder)",
  "--mantine-color-default-border": "var(--dk-control-border)",
  "--mantine-color-anchor": "var(--dk-link)",
  "--mantine-color-error": "var(--dk-danger-text)",
  "--mantine-color-red-filled": "var(--dk-danger)",
  "--mantine-color-red-outline": "var(--dk-danger-text)",
  // Mantine's dark scheme uses gray index 4 here, which is a border color in this theme and too light as a
  // background.
  "--menu-item-hover": "var(--dk-neutral-ground)",
};

/**
 * Maps Mantine's variables to this theme's tokens, because its dimmed and placeholder grays have too little contrast
 * here.
 */
export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  // Darker than the button, not lighter as in Mantine, so that the white label stays readable.
  light: { ...SHARED, "--mantine-color-red-filled-hover": "#B02429" },
  dark: { ...SHARED, "--mantine-color-red-filled-hover": "#B5333A" },
});
