#import "@MODULE@Provider.h"

#import "../cpp/@MODULE@.h"

@implementation @MODULE@Provider

- (std::shared_ptr<facebook::react::TurboModule>)getTurboModule:(const facebook::react::ObjCTurboModule::InitParams &)params
{
  return std::make_shared<facebook::react::@MODULE@>(params.jsInvoker);
}

@end
