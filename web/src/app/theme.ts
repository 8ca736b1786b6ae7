import type { ThemeConfig } from "antd";

const FONT =
  'system-ui, -apple-system, "PingFang SC", "Microsoft YaHei UI", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei", sans-serif';

/** Calm and dense: small steps of grey, one blue, colour only where something wants attention. */
export const theme: ThemeConfig = {
  token: {
    colorPrimary: "#134a8c",
    colorSuccess: "#0c6e46",
    colorWarning: "#8a5200",
    colorError: "#b3261e",
    colorInfo: "#134a8c",
    colorLink: "#134a8c",
    colorText: "#17202b",
    colorTextSecondary: "#4a5666",
    colorTextTertiary: "#5c6879",
    colorTextDescription: "#5c6879",
    colorTextPlaceholder: "#68748a",
    colorBorder: "#d0d7e0",
    colorBorderSecondary: "#e4e9ef",
    colorTextDisabled: "#5f6b80",
    colorInfoBg: "#eaf1fa",
    colorInfoBorder: "#c5d8ee",
    colorSuccessBg: "#e2f3ea",
    colorSuccessBorder: "#b5dcc6",
    colorWarningBg: "#fdf1dc",
    colorWarningBorder: "#efd9ae",
    colorErrorBg: "#fbe9e7",
    colorErrorBorder: "#efc2bd",
    colorBgLayout: "#f3f5f8",
    fontFamily: FONT,
    fontSize: 14,
    borderRadius: 8,
    controlHeight: 34,
    controlHeightSM: 28,
  },
  components: {
    Form: { itemMarginBottom: 12, verticalLabelPadding: "0 0 2px", labelColor: "#4a5666" },
    Table: { cellPaddingBlockSM: 7, headerBg: "#f6f8fa", headerColor: "#4a5666" },
    Drawer: { paddingLG: 20 },
  },
};
