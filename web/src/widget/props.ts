// What a page tells the widget: the names and shapes of the npm package `flowise-embed`.

export interface MessageTheme {
  backgroundColor?: string;
  textColor?: string;
  showAvatar?: boolean;
  avatarSrc?: string;
}

export interface ChatWindowTheme {
  showTitle?: boolean;
  showAgentMessages?: boolean;
  title?: string;
  titleAvatarSrc?: string;
  titleTextColor?: string;
  titleBackgroundColor?: string;
  welcomeMessage?: string;
  errorMessage?: string;
  backgroundColor?: string;
  backgroundImage?: string;
  height?: number | string;
  width?: number | string;
  fontSize?: number;
  userMessage?: MessageTheme;
  botMessage?: MessageTheme;
  textInput?: {
    backgroundColor?: string;
    textColor?: string;
    placeholder?: string;
    sendButtonColor?: string;
    maxChars?: number;
    maxCharsWarningMessage?: string;
    autoFocus?: boolean;
    sendMessageSound?: boolean;
    sendSoundLocation?: string;
    receiveMessageSound?: boolean;
    receiveSoundLocation?: string;
    enableInputHistory?: boolean;
  };
  feedback?: { color?: string };
  footer?: { showFooter?: boolean; textColor?: string; text?: string; company?: string; companyLink?: string };
  /** The foot's colour under the name it had before there was `footer`. */
  poweredByTextColor?: string;
  sourceDocsTitle?: string;
  starterPrompts?: string[];
  starterPromptFontSize?: number;
  clearChatOnReload?: boolean;
  dateTimeToggle?: { date?: boolean; time?: boolean };
  renderHTML?: boolean;
  headerHtml?: string;
}

export interface Theme {
  chatWindow?: ChatWindowTheme;
  button?: {
    size?: "small" | "medium" | "large" | number;
    backgroundColor?: string;
    iconColor?: string;
    customIconSrc?: string;
    bottom?: number;
    right?: number;
    dragAndDrop?: boolean;
    autoWindowOpen?: { autoOpen?: boolean; openDelay?: number; autoOpenOnMobile?: boolean };
  };
  tooltip?: { showTooltip?: boolean; tooltipMessage?: string; tooltipBackgroundColor?: string; tooltipTextColor?: string; tooltipFontSize?: number };
  disclaimer?: {
    title?: string;
    message?: string;
    textColor?: string;
    buttonColor?: string;
    buttonTextColor?: string;
    buttonText?: string;
    blurredBackgroundColor?: string;
    backgroundColor?: string;
    denyButtonBgColor?: string;
    denyButtonText?: string;
  };
  customCSS?: string;
  form?: { backgroundColor?: string; textColor?: string };
}

export interface Observers {
  observeUserInput?: (text: string) => void;
  observeMessages?: (messages: ObservedMessage[]) => void;
  observeLoading?: (loading: boolean) => void;
}

/** A message as observers of the npm widget know it. */
export interface ObservedMessage {
  message: string;
  type: "userMessage" | "apiMessage";
  messageId?: string;
  sourceDocuments?: unknown;
  usedTools?: unknown;
  fileAnnotations?: unknown;
  artifacts?: unknown;
}

export interface BotProps {
  chatflowid: string;
  /** The Flowstone to ask; the one that this script came from when left out. */
  apiHost?: string;
  pageTitle?: string;
  /** May change each request, to add a header. */
  onRequest?: (request: RequestInit) => Promise<void> | void;
  /** Sent as `overrideConfig`. */
  chatflowConfig?: Record<string, unknown>;
  observersConfig?: Observers;
  theme?: Theme;
  dialogContainer?: string | HTMLElement;
}

/** The properties that an element of ours takes, in their exact spelling. */
export const PROP_NAMES = ["chatflowid", "apiHost", "onRequest", "chatflowConfig", "observersConfig", "theme", "dialogContainer"] as const satisfies (keyof BotProps)[];
