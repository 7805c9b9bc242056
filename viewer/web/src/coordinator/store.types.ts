import type { Named, StudySummary } from '../api/types';

export interface Copy {
  kind: 'backup' | 'mirror';
  at: string;
  images: number;
  copied: number;
  damaged: number;
  failed: boolean;
  wholeAt: string | null;
}

export interface StoreState {
  scrub: { endedAt: string | null; objects: number; bytes: number };
  damages: { instanceId: string; messageId: string; studyId: string; facility: Named; missing: boolean; foundAt: string; mendedAt: string | null; mendedBy: string }[];
  copies: Copy[];
  parked: { kind: 'delivery' | 'notification' | 'notice'; count: number; since: string | null }[];
}

export interface Deletion {
  id: string;
  studyId: string;
  studyInstanceUid: string;
  facility: Named;
  study: StudySummary | null;
  reason: string;
  state: 'requested' | 'refused' | 'trashed' | 'restored' | 'sweeping' | 'swept';
  requestedBy: Named;
  requestedAt: string;
  decidedBy: Named | null;
  decidedAt: string | null;
  sweepAt: string | null;
  endedBy: Named | null;
  endedAt: string | null;
  objects: number;
  bytes: number;
  mine: boolean;
}

export interface Keeping {
  until: string | null;
  reason: 'images' | 'report' | 'receiving';
  hold: { reason: string; placedBy: Named; placedAt: string } | null;
  deletion: Deletion | null;
}
