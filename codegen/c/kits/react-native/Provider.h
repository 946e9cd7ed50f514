#import <ReactCommon/RCTTurboModule.h>

/* React Native asks it for the module: package.json names it. */
@interface @MODULE@Provider : NSObject <RCTModuleProvider>
@end
