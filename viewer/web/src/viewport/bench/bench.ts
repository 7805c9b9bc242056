import type { ComponentType } from 'preact';
import type { Study } from '../../api/types';
import type { Command } from '../commands';
import type { Softcopy } from '../foreign/softcopy';
import type { Stage } from '../stage';
import type { Row } from '../study';
import type { MarkKind, Press, Tool } from '../tools/tool';
import type { Viewer } from '../viewer';

/** What the page is about, as far as the bench has to know. */
export interface About {
  study: Study;
  /** Of the workitem whose marks these are to be; empty: nobody's, nothing is kept. */
  workitem: string;
  pageKeys: Row[];
}

// Bench is what a reader works with beyond looking: marks, layouts, cine and the
// rest. It is loaded when the first image is there.
export interface Bench {
  /** The tool that makes marks of a kind. */
  tool(kind: MarkKind, stage: Stage, viewer: Viewer): Tool | null;
  /** The tool that moves the mark under a press; null when there is none. */
  grab(stage: Stage, viewer: Viewer, p: Press): Tool | null;
  commands: Command[];
  /** Presentation states of the study. */
  states: Softcopy;
  /** The page is about something else, or more of the study has come. */
  about(a: About): void;
  /** What is drawn over a pane. */
  Layer: ComponentType<{ stage: Stage; viewer: Viewer }>;
  /** More of the toolbar. */
  Tools: ComponentType<{ stage: Stage }>;
  /** Below the series in the strip. */
  Strip: ComponentType<{ stage: Stage }>;
  /** Dialogs that are open. */
  Dialogs: ComponentType<{ stage: Stage }>;
  stop(): void;
}
