#include "@PROGRAM@.h"
#include "platform.h"

void app_main(void);

void app_main(void)
{
    platform_start();
    @PROGRAM@();
}
