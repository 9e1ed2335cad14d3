export {
  createEtcdVoteStore,
  type EtcdVoteStoreOptions,
} from './create-etcd-vote-store.ts';
