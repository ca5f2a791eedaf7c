import type { FastifyInstance, FastifyPluginCallback, FastifyPluginOptions } from 'fastify';

/** A plugin whose set-up may throw: Fastify would let that end the process instead of rejecting `listen()`. */
export function asPlugin<Options extends FastifyPluginOptions>(
  setUp: (app: FastifyInstance, options: Options) => void,
): FastifyPluginCallback<Options> {
  return (app, options, done) => {
    try {
      setUp(app, options);
    } catch (error) {
      done(error instanceof Error ? error : new Error('the plugin could not be set up', { cause: error }));
      return;
    }
    done();
  };
}
