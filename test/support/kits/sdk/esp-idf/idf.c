#include "esp_cpu.h"
#include "freertos/task.h"

void app_main(void);

esp_cpu_cycle_count_t esp_cpu_get_cycle_count(void) { return 0; }
void vTaskDelay(TickType_t ticks) { (void)ticks; }

int main(void) {
    app_main();
    return 0;
}
